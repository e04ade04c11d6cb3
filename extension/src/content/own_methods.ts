/** Methods of elements by their own names: the inputs of a form stand in the place of its methods, for us too. */

export const getAttribute = (element: Element, name: string): string | null =>
  Element.prototype.getAttribute.call(element, name);

export const setAttribute = (element: Element, name: string, value: string): void =>
  Element.prototype.setAttribute.call(element, name, value);

export const removeAttribute = (element: Element, name: string): void =>
  Element.prototype.removeAttribute.call(element, name);
