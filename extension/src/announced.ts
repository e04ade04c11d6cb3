/**
 * The event by which the page's world tells the content script where to look for a shadow root. It says nothing that a
 * page could not find out itself, and believing a false one costs a look.
 */
export const ANNOUNCED = "flinch-root";

/** The same for rules that a script has written into style sheets, and those of them that put pictures on parts. */
export const RULES_ANNOUNCED = "flinch-rules";
export const PARTS_ANNOUNCED = "flinch-parts";
