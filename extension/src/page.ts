/**
 * Runs in the page's own world, before its scripts: says when a shadow root is attached to an element that has long been
 * there, when a list of style sheets is assigned, in which ours may be missing, and when a script writes rules into a
 * sheet. None of it is a mutation.
 */

import { ANNOUNCED, PARTS_ANNOUNCED, RULES_ANNOUNCED } from "./announced";
import { importsSheets, mayBePicture, namesPart } from "./part_rules";

const { dispatchEvent } = EventTarget.prototype;
const { apply } = Reflect;
const Announcement = Event;

const announce = (target: EventTarget, name = ANNOUNCED): void => {
  // Not composed: each tree has a listener of its own, and other trees need not know.
  apply(dispatchEvent, target, [new Announcement(name)]);
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

const announced = new Set<string>();
const later = queueMicrotask;

/** Once for all rules that one task writes. */
function announceRules(css: unknown): void {
  plan(RULES_ANNOUNCED);
  if (typeof css !== "string") return;
  if (importsSheets(css) || (namesPart(css) && mayBePicture(css))) plan(PARTS_ANNOUNCED);
}

function plan(name: string): void {
  if (announced.has(name)) return;
  announced.add(name);
  later(() => {
    announced.delete(name);
    announce(document, name);
  });
}

for (const prototype of [CSSStyleSheet.prototype, CSSGroupingRule.prototype, CSSStyleRule.prototype]) {
  for (const name of ["insertRule", "replaceSync", "replace"]) {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof own?.value !== "function") continue;
    const value = new Proxy(own.value, {
      apply(target, sheet, given: readonly unknown[]) {
        const result: unknown = apply(target, sheet, given);
        announceRules(given[0]);
        // What `replace` has read is in force a little later.
        if (result instanceof Promise) result.then(() => announceRules(given[0]), () => undefined);
        return result;
      },
    });
    Object.defineProperty(prototype, name, { ...own, value });
  }
}
