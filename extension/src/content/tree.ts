/** The page as one tree, shadow roots open and closed included. */

type InFirefox = Element & { readonly openOrClosedShadowRoot?: ShadowRoot | null };

/** The shadow root of an element, which a closed one hides from the page but not from an extension. */
export function shadowOf(element: Element): ShadowRoot | null {
  // Chrome throws on others. By name and not by class: adopted elements keep the class of another window.
  if (element.namespaceURI !== "http://www.w3.org/1999/xhtml") return null;
  // Never there in Firefox, where elements have it as a property.
  if (chrome.dom === undefined) return (element as InFirefox).openOrClosedShadowRoot ?? element.shadowRoot;
  try {
    return chrome.dom.openOrClosedShadowRoot(element as HTMLElement);
  } catch {
    // The extension was updated under this page.
    return element.shadowRoot;
  }
}

/** The elements at a point of the viewport, topmost first. */
export function* elementsAt(root: Document | ShadowRoot, x: number, y: number): Generator<Element> {
  for (const element of root.elementsFromPoint(x, y)) {
    // A shadow root's list goes on with what lies outside of it.
    if (element.getRootNode() !== root) continue;
    const shadow = shadowOf(element);
    if (shadow !== null) yield* elementsAt(shadow, x, y);
    yield element;
  }
}

/** Whether nothing can be seen through the element; what a page stands on lies under everything. */
export function isOpaque(element: Element): boolean {
  if (element === document.body || element === document.documentElement) return false;
  const { backgroundColor, opacity } = getComputedStyle(element);
  return opacity === "1" && backgroundColor.startsWith("rgb(");
}

/** For `sort`: document order, a shadow root's elements in the place of its host. */
export function before(one: Element, other: Element): number {
  const [ones, others] = [hosts(one), hosts(other)];
  for (let depth = 0; depth < Math.min(ones.length, others.length); depth++) {
    const [a, b] = [ones[depth]!, others[depth]!];
    if (a !== b) return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  }
  return ones.length - others.length;
}

/** The element and, before it, the hosts of the shadow roots that it is in, outermost first. */
function hosts(element: Element): Element[] {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? [...hosts(root.host), element] : [element];
}
