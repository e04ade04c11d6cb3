/**
 * Says when the browser may have chosen other files of the `srcset`s and `<picture>`s of a page. Such a swap shows in no
 * mutation, and a frame can be painted between it and its `load`. Chrome chooses after animation callbacks and before
 * resize observers when the width changes; the others are for what is left.
 */
export function onRechoice(recheck: () => void): void {
  const widths = new ResizeObserver(recheck);
  const recheckSoon = () => requestAnimationFrame(recheck);
  const listen = () => {
    addEventListener("resize", recheckSoon);
    if (document.documentElement !== null) widths.observe(document.documentElement);
  };
  // `document.open()` throws listeners away and puts in another root.
  new MutationObserver(listen).observe(document, { childList: true });
  listen();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recheck);
}
