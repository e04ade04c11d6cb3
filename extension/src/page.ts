/**
 * Runs in the page's own world, before its scripts: says when a shadow root is attached to an element that has long been
 * there, and when a list of style sheets is assigned, in which ours may be missing. Neither is a mutation.
 */

import { ANNOUNCED } from "./announced";

const { dispatchEvent } = EventTarget.prototype;
const { apply } = Reflect;
const Announcement = Event;

const announce = (target: EventTarget): void => {
  // Not composed: each tree has a listener of its own, and other trees need not know.
  apply(dispatchEvent, target, [new Announcement(ANNOUNCED)]);
};

const { attachShadow } = Element.prototype;
// A proxy looks like what it stands for.
Element.prototype.attachShadow = new Proxy(attachShadow, {
  apply(target, host: Element, given) {
    const root: unknown = apply(target, host, given);
    announce(host);
    return root;
  },
});

for (const prototype of [Document.prototype, ShadowRoot.prototype]) {
  const own = Object.getOwnPropertyDescriptor(prototype, "adoptedStyleSheets");
  if (own?.set === undefined) continue;
  const set = new Proxy(own.set, {
    apply(target, root: Document | ShadowRoot, given) {
      apply(target, root, given);
      announce(root instanceof Document ? root : root.host);
    },
  });
  Object.defineProperty(prototype, "adoptedStyleSheets", { ...own, set });
}
