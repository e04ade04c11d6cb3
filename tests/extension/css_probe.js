// Runs in every frame of a page before the page's own scripts. On every animation frame it notes, for each element
// with an id, in shadow roots too, which of the pictures that CSS puts on it would be painted. Only changes are kept.
(() => {
  const notes = [];
  const last = { before: new WeakMap(), after: new WeakMap() };
  const roots = new Set([document]);
  window.cssProbe = { notes, roots };

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const shadow = attach.call(this, options);
    roots.add(shadow);
    return shadow;
  };

  const addresses = (value) => [...value.matchAll(/url\("([^"]*)"\)/g)].map((match) => match[1]);

  function paintedAt(element, pseudo) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return [];
    const style = getComputedStyle(element, pseudo);
    if (pseudo && style.content === "none") return [];
    if (style.opacity === "0") return [];
    const found = [];
    if (!/^0px 0px(, 0px 0px)*$/.test(style.backgroundSize)) found.push(...addresses(style.backgroundImage));
    if (style.borderImageWidth !== "0") found.push(...addresses(style.borderImageSource));
    if (pseudo || !style.objectPosition.startsWith("-")) found.push(...addresses(style.content));
    if (style.display.includes("list-item")) found.push(...addresses(style.listStyleImage));
    return found;
  }

  function look(element, when) {
    const painted = [null, "::before", "::after"].flatMap((pseudo) => paintedAt(element, pseudo));
    const text = painted.join(" ");
    if ((last[when].get(element) ?? "") === text) return;
    last[when].set(element, text);
    notes.push({ id: element.id, painted, when });
  }

  const everywhere = (when) => {
    for (const root of roots) for (const element of root.querySelectorAll("[id]")) look(element, when);
  };

  function onFrame() {
    everywhere("before");
    const channel = new MessageChannel();
    channel.port1.onmessage = () => everywhere("after");
    channel.port2.postMessage(0);
    requestAnimationFrame(onFrame);
  }
  requestAnimationFrame(onFrame);
})();
