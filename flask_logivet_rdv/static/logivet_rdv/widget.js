// The widget works without this.
(() => {
  const STOP = ".rdv-cal [tabindex='0']";
  const d = document, $ = (s) => d.querySelector(s);
  const origins = d.currentScript.dataset.origins.split(" ");
  d.documentElement.classList.add("js");

  // height and step: only to the origin that said hello, if the clinic listed it
  let host, told;
  const fits = (o) => origins.some((s) => s === o || (s.includes("//*.") && o.startsWith("https://") && o.endsWith(s.slice(9))));
  const say = (m) => host && parent.postMessage(m, host);
  const tell = () => say({ rdv: "height", h: Math.ceil(d.body.getBoundingClientRect().height) });
  const step = () => {
    const now = { rdv: "step", lang: d.documentElement.lang.slice(0, 2), ...$(".rdv-step")?.dataset };
    if (host && now.step && told !== (told = JSON.stringify(now))) say(now);
  };
  addEventListener("message", (e) => {
    if (e.source !== parent || e.data?.rdv !== "hello" || !fits(e.origin)) return;
    host = e.origin;
    tell();
    step();
  });
  new ResizeObserver(tell).observe(d.body);

  // the page that the form would load: its main part is swapped in
  let last;
  const go = async (form, focus, button) => {
    const data = new URLSearchParams(new FormData(form));
    if (button?.name) data.set(button.name, button.value);
    const post = form.method === "post";
    const told = button?.dataset.told;
    last?.abort();
    last = new AbortController();
    $("#rdv").setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action + (post ? "" : "?" + data), { method: form.method, body: post ? data : null, signal: last.signal });
      if (!answer.ok) throw 0;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      $("#rdv").replaceWith(d.adoptNode(page.getElementById("rdv")));
      d.title = page.title;
      if (!post) history.replaceState(0, "", answer.url);
      grid();
      step();
      // a small screen folds the lists; the last month has no next one
      [focus + ":not(:disabled)", told ? STOP : ".rdv-fold summary", STOP].some((s) => ($(s)?.focus(), $("#rdv").contains(d.activeElement)));
      const say = [$(".rdv-say")?.textContent, ($(told) || $("#rdv-times[data-say]") || $("#rdv-month"))?.dataset.say];
      $("#rdv-say").textContent = say.join(" ").trim();
    } catch (e) {
      if (e.name === "AbortError") return;
      delete button?.dataset.focus; // now the browser sends it
      form.requestSubmit(button);
    }
  };
  d.addEventListener("change", ({ target: t }) => {
    if (t.matches("[data-auto]")) go(t.form, "#" + t.id, t.form.querySelector("button.js-hide"));
    if (t.dataset.own) $("#rdv-own").textContent = t.dataset.own;
  });
  d.addEventListener("submit", (e) => {
    const focus = e.submitter?.dataset.focus;
    if (!focus) return;
    e.preventDefault();
    go(e.target, focus, e.submitter);
  });

  // WAI-ARIA grid keys
  const grid = () => {
    const table = $(".rdv-cal");
    if (!table) return;
    table.setAttribute("role", "grid");
    const days = [...table.querySelectorAll(".rdv-day")];
    const stop = (day) => days.forEach((x) => (x.tabIndex = x === day ? 0 : -1));
    const chosen = table.querySelector("[aria-current]");
    chosen?.parentNode.setAttribute("aria-selected", "true");
    stop(chosen || days.find((x) => x.value) || days[0]);
    table.addEventListener("keydown", (e) => {
      const i = days.indexOf(e.target), week = i - (i % 7);
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, ArrowDown: i + 7, ArrowUp: i - 7, Home: week, End: week + 6 }[e.key];
      const turn = { PageUp: "previous", PageDown: "next" }[e.key];
      if (i < 0 || (to === undefined && !turn)) return;
      e.preventDefault();
      if (turn) {
        const button = $(`[data-to=${turn}]`);
        if (!button.disabled) go(button.form, STOP, button);
      } else if (days[to]) {
        stop(days[to]);
        days[to].focus();
      }
    });
  };
  grid();
  ($(".rdv-alert") || $(".rdv-ok"))?.focus();
})();
