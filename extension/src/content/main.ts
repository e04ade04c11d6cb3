/** The content script: in every frame, from before its first element, no picture is seen before it is judged. */

import { type Awake, type Policy, type ToContent } from "../messages";
import { CAREFUL } from "../settings";
import { Again } from "./again";
import { type Attended } from "./attended";
import { Backgrounds } from "./backgrounds";
import { Controls } from "./controls/controls";
import { keepCount } from "./count";
import { wearAgain } from "./cover";
import { type Desk, type Styled } from "./desk";
import { holdDocument, letGoForGood } from "./hold";
import { kindOf } from "./kinds/all";
import { Known } from "./known";
import { Line } from "./line";
import { guardOff, setOff } from "./off";
import { onRechoice } from "./rechoose";
import { Registry } from "./registry";
import { SharedPictures } from "./shared_picture";
import { Sight } from "./sight";
import { Sizes } from "./sizes";
import { Unstyled, isUnstyled } from "./unstyled";
import { type Watcher, watch } from "./watch";

const registry = new Registry();
// The first to hear of what the reader does: before any listener of the page.
const controls = new Controls(registry, CAREFUL);
const desk: Desk = {
  registry,
  line: new Line(awake),
  known: new Known(),
  again: new Again(),
  pictures: new SharedPictures(),
  sight: new Sight(),
  sizes: new Sizes(),
  policy: CAREFUL,
};
const { line } = desk;
const unstyled = new Unstyled(desk);

/** What of a policy shows on pictures. */
const SEEN_IN = ["on", "strictness", "cover", "canvases"] as const;

/** Kept for as long as its element: one that is taken out and put in again is still revealed. */
const attended = new WeakMap<Element, Attended>();

const watcher: Watcher = {
  changed(element) {
    if (isUnstyled(element)) return unstyled.changed(element);
    const known = attended.get(element);
    const kind = kindOf(element);
    if (kind === undefined) {
      if (attended.delete(element)) known?.release();
      return;
    }
    const entry = known ?? kind.attend(element, desk);
    attended.set(element, entry);
    registry.add(entry);
    entry.changed();
  },
  settled: (element) => attended.get(element)?.settled(),
  marked: (element) => attended.has(element) && wearAgain(element),
  removed: () => registry.sweepSoon(),
};

const backgrounds = new Backgrounds(desk, (root) => watch(root, watcher));

function awake({ covered, policy }: Awake): void {
  line.covered = covered;
  if (covered) backgrounds.roots.covered();
  if (covered || !policy.on) letGoForGood(registry.all().map(({ element }) => element as Styled));
  follow(policy);
}

/** The style sheets have come before these words where they switch on, and go after them where they switch off. */
function told(policy: Policy): void {
  if (policy.on !== desk.policy.on) line.covered = policy.on;
  follow(policy);
}

function follow(policy: Policy): void {
  const before = desk.policy;
  desk.policy = policy;
  line.strictness = policy.strictness;
  controls.policy = policy;
  setOff(!policy.on);
  if (SEEN_IN.every((key) => before[key] === policy[key])) return;
  desk.known.clear();
  for (const entry of registry.all()) entry.again();
  unstyled.again();
  backgrounds.again();
}

holdDocument();
guardOff();
onRechoice(() => {
  for (const { element } of registry.all()) attended.get(element)?.rechosen();
});
keepCount(registry);
chrome.runtime.onMessage.addListener((message: ToContent) => {
  if (message.type === "policy") told(message.policy);
  else controls.command(message.name);
});
// A frame without pictures needs the user style sheet too: pictures may come.
line.open();
// Only now is it known in which tab, and so under which policy, a prerendered page is.
document.addEventListener("prerenderingchange", () => void line.wakeAgain());
