// On the clinic's page: gives each of our iframes the height of what it shows, and tells the page
// which step its owner is at: document.addEventListener("rdv:step", (event) => event.detail).
(() => {
  const ours = new URL(document.currentScript.src).origin;
  // the code may have been pasted twice; a step is told once
  if (window["rdv " + ours]) return;
  window["rdv " + ours] = true;
  const frames = () => [...document.querySelectorAll("iframe[src*='widgetId=']")].filter((f) => f.src.startsWith(ours + "/"));
  // says nothing, so it may go to any origin; the widget answers only the clinic's own sites
  const hello = (f) => f.contentWindow.postMessage({ rdv: "hello" }, "*");
  const steps = new WeakMap();
  const told = {
    __proto__: null,
    height: (f, { h }) => {
      f.setAttribute("scrolling", "no");
      f.style.minHeight = 0;
      f.style.height = Math.min(Math.max(+h || 0, 320), 6000) + "px";
    },
    step: (f, { rdv, ...detail }) => {
      // a longer page was scrolled down: the next one is read from its beginning
      if (steps.has(f) && steps.get(f) !== detail.step && f.getBoundingClientRect().top < 0) f.scrollIntoView();
      steps.set(f, detail.step);
      f.dispatchEvent(new CustomEvent("rdv:step", { bubbles: true, detail }));
    },
  };
  document.addEventListener("load", (e) => frames().includes(e.target) && hello(e.target), true);
  addEventListener("message", (e) => {
    const f = e.origin === ours && frames().find((f) => f.contentWindow === e.source);
    if (f) told[e.data?.rdv]?.(f, e.data);
  });
  frames().forEach(hello);
})();
