// The details form works without this.
(() => {
  const $ = (s) => document.querySelector(s), email = $("#rdv-email"), hint = $("#rdv-email-hint");

  // one letter is missing, added, another one, or swapped with its neighbour: typos.py
  const oneSlip = (typed, known) => {
    const shorter = Math.min(typed.length, known.length);
    let start = 0, end = 0;
    while (start < shorter && typed[start] === known[start]) start++;
    while (end < shorter - start && typed.at(-1 - end) === known.at(-1 - end)) end++;
    const a = typed.slice(start, typed.length - end), b = known.slice(start, known.length - end);
    return Math.max(a.length, b.length) === 1 || (a.length === 2 && a === b[1] + b[0]);
  };
  const say = () => {
    const typed = email.value.trim(), at = typed.lastIndexOf("@");
    const host = typed.slice(at + 1).toLowerCase(), hosts = hint.dataset.hosts.split(" ");
    const meant = at > 0 && !hosts.includes(host) && hosts.find((known) => oneSlip(host, known));
    hint.textContent = meant ? hint.dataset.said.replace("{suggestion}", typed.slice(0, at + 1) + meant) : "";
  };
  // the line that appears must not move a button away from under the pointer that presses it
  let pressed = false;
  for (const [type, is] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]])
    addEventListener(type, () => (pressed = is), true);
  email.addEventListener("change", () => {
    if (pressed) addEventListener("pointerup", () => setTimeout(say), { once: true });
    else say();
  });

  // who comes back after booking is led to the booking, not told that the time is taken
  $("form").addEventListener("submit", (e) => {
    if (e.submitter?.hasAttribute("formaction")) return;
    const url = new URL(location);
    url.searchParams.set("token", $("[name=token]").value);
    history.replaceState(0, "", url);
  });
})();
