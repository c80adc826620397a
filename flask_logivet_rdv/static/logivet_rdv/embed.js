// On the clinic's page: gives the widget's iframe the height of what it shows.
(() => {
  const ours = new URL(document.currentScript.src).origin;
  const frames = () =>
    [...document.querySelectorAll("iframe[src*='widgetId=']")].filter((f) => new URL(f.src).origin === ours);
  // says nothing, so it may go to any origin; the widget answers only the clinic's own sites
  const hello = (f) => f.contentWindow.postMessage({ rdv: "hello" }, "*");
  document.addEventListener("load", (e) => frames().includes(e.target) && hello(e.target), true);
  addEventListener("message", (e) => {
    if (e.origin !== ours || e.data?.rdv !== "height") return;
    const f = frames().find((f) => f.contentWindow === e.source);
    if (!f) return;
    f.setAttribute("scrolling", "no");
    f.style.height = Math.min(Math.max(+e.data.h || 0, 320), 6000) + "px";
  });
  frames().forEach(hello);
})();
