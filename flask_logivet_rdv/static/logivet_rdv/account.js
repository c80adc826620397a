// Makes the account pages smoother; each of them works without it.
(() => {
  "use strict";
  const root = document.querySelector(".rdv-a");
  if (!root) return;
  const durations = {};
  let dirty = false, passing = false;
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const say = (text) => { root.querySelector(".rdv-say").textContent = text; };

  // The stepper is of use only while the row is online; it gives its last value back.
  function follow(box, proposing) {
    const stepper = box.closest("tr").querySelector(".rdv-stepper");
    if (!stepper) return;
    const input = stepper.querySelector("input");
    if (!box.checked && input.value) [durations[input.id], input.value] = [input.value, ""];
    if (proposing && box.checked && !input.value) input.value = durations[input.id] || "30";
    for (const part of stepper.children) part.disabled = !box.checked;
  }

  function chips(list) {
    if (!list.querySelector("fieldset")) return;
    const items = all("fieldset input:checked", list).map((box) => {
      const item = document.createElement("li");
      item.className = "rdv-chip";
      const name = document.createElement("span");
      name.textContent = box.nextElementSibling.textContent;
      const remove = document.createElement("button");
      Object.assign(remove, { className: "rdv-x", name: "op", textContent: "×" });
      remove.value = `remove:${box.name.replace("categories-", "")}:${box.value}`;
      remove.ariaLabel = list.dataset.remove.replace("{name}", () => name.textContent);
      item.append(name, remove);
      return item;
    });
    list.querySelector(".rdv-chips").replaceChildren(...items);
  }

  function code(lang) {
    for (const part of all(".rdv-code[data-lang]")) part.hidden = part.dataset.lang !== lang;
  }

  function enhance() {
    for (const part of all(".rdv-stepper [hidden], .rdv-lang, .rdv-copy")) part.hidden = false;
    for (const box of all(".rdv-on")) follow(box);
    for (const label of all(".rdv-code[data-lang] > label")) label.classList.add("rdv-vh");
    const lang = root.querySelector(".rdv-lang select");
    if (lang) code(lang.value);
    root.querySelector("[autofocus]")?.focus();
    dirty ||= Boolean(root.querySelector("[data-unsaved]"));
    say(root.querySelector(".rdv-note")?.textContent ?? "");
  }

  // what is typed is unsaved at once, not only when its field is left
  root.addEventListener("input", ({ target }) => {
    dirty ||= Boolean(target.name) && target.form?.method === "post";
  });

  root.addEventListener("change", ({ target }) => {
    if (target.matches(".rdv-on")) {
      follow(target, true);
      for (const list of all(".rdv-ms", target.closest("tr"))) chips(list);
    } else if (target.matches(".rdv-ms input")) chips(target.closest(".rdv-ms"));
    else if (target.matches(".rdv-lang select")) code(target.value);
  });

  root.addEventListener("click", async ({ target }) => {
    const step = target.closest("[data-step]"), copy = target.closest(".rdv-copy");
    if (target.closest(".rdv-cancel")) dirty = false;
    // a mail leaves nothing, though a browser asks as if it did
    if (dirty && target.closest("[href^=mailto]")) {
      dirty = false;
      setTimeout(() => { dirty = true; });
    }
    if (step) {
      const input = step.parentNode.querySelector("input");
      const minutes = (parseInt(input.value, 10) || 0) + Number(step.dataset.step);
      input.value = Math.min(480, Math.max(5, minutes));
      dirty = true;
      say(input.value);
    } else if (copy) {
      const text = copy.closest(".rdv-code").querySelector("textarea");
      text.select();
      if (!document.execCommand("copy")) await navigator.clipboard.writeText(text.value);
      copy.textContent = copy.dataset.done;
      say(copy.dataset.done);
    }
  });

  // What +, ×, the bin and the headings do is the server's to say: only its answer is put in place.
  root.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (passing || button?.name !== "op" || button.value === "save") {
      if (passing || button?.matches("[value=save], .rdv-switch")) dirty = false;
      return;
    }
    event.preventDefault();
    const address = button.getAttribute("formaction") || form.getAttribute("action");
    const old = root.querySelector(".rdv-page");
    // what is typed before the answer comes would be lost with the page it replaces
    old.inert = true;
    try {
      const body = new URLSearchParams(new FormData(form));
      body.set("op", button.value);
      const answer = await fetch(address, { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(".rdv-a .rdv-page");
      if (!fresh || answer.redirected || ![200, 422].includes(answer.status)) throw answer;
      old.replaceWith(fresh);
      document.title = page.title;
      history.replaceState(null, "", address);
      enhance();
    } catch {
      // not this page once more: the browser shows it, or stays here
      old.inert = false;
      passing = true;
      form.requestSubmit(button);
      passing = false;
    }
  });

  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  enhance();
})();
