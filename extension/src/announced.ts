/**
 * The event by which the page's world tells the content script where to look for a shadow root. It says nothing that a
 * page could not find out itself, and believing a false one costs a look.
 */
export const ANNOUNCED = "flinch-root";
