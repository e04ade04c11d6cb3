/**
 * The controls' style sheet. `:host` rules with `!important` inside a shadow root win over everything that the page says
 * of the host, a style attribute included; so nothing of the page's can make the pill see-through or move it.
 */
export const STYLE = `
:host {
  all: initial !important;
  display: block !important;
  position: fixed !important;
  inset: 0 auto auto 0 !important;
  width: 0 !important;
  height: 0 !important;
  overflow: visible !important;
  z-index: 2147483647 !important;
  pointer-events: none !important;
  transition: none !important;
  animation: none !important;
}
.pill {
  --ink: #1b1b1f;
  --paper: #ffffff;
  --edge: #5b5b66;
  --accent: #0b57d0;
  --fill: #a8c7fa;
  position: fixed;
  inset: 0 auto auto 0;
  box-sizing: border-box;
  /* The reader's own font size, whatever the page makes of its root's. */
  font: medium/1.35 system-ui, sans-serif;
  width: max-content;
  max-width: min(30em, calc(100vw - 16px));
  max-height: calc(100vh - 16px);
  overflow: auto;
  padding: 0.4em 0.5em;
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.4em;
  color: var(--ink);
  background-color: var(--paper);
  border: 1px solid var(--edge);
  border-radius: 0.9em;
  box-shadow: 0 2px 10px rgb(0 0 0 / 0.35);
  pointer-events: auto;
  user-select: none;
  -webkit-user-select: none;
  cursor: default;
}
.pill:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
p { margin: 0 0.25em; flex: 1 1 auto; font-size: 0.875em; overflow-wrap: anywhere; }
.row { display: flex; flex-wrap: wrap; gap: 0.4em; }
button {
  position: relative;
  overflow: hidden;
  isolation: isolate;
  font: inherit;
  font-size: 0.875em;
  min-height: 2.2em;
  margin: 0;
  padding: 0.3em 0.9em;
  color: var(--ink);
  background-color: transparent;
  border: 1px solid var(--edge);
  border-radius: 0.7em;
  cursor: pointer;
  touch-action: none;
  -webkit-touch-callout: none;
}
button:hover { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
button.armed { border-color: var(--accent); border-width: 2px; font-weight: 600; }
.progress {
  position: absolute;
  inset: 0;
  z-index: -1;
  background-color: var(--fill);
  transform: scaleX(0);
  transform-origin: left;
}
.progress:dir(rtl) { transform-origin: right; }
.holding .progress { transform: scaleX(1); transition: transform var(--hold) linear; }
.heard {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-color-scheme: dark) {
  .pill { --ink: #f2f2f5; --paper: #202026; --edge: #a2a2ad; --accent: #a8c7fa; --fill: #1f4b8f; color-scheme: dark; }
}
@media (prefers-reduced-motion: reduce) {
  .holding .progress { transition-timing-function: steps(3); }
}
@media (forced-colors: active) {
  .progress { forced-color-adjust: none; background-color: Highlight; }
  .holding { color: HighlightText; }
}
`;
