/** How many pictures are covered in each tab; kept by `chrome.storage.session`, as this worker may sleep. */

import { inTurn } from "../in_turn";

type Frames = Readonly<Record<string, number>>;

const turn = inTurn();

/** The key of a tab's counts in `chrome.storage.session`, for who wants to hear of its changes. */
export const countKey = (tabId: number): string => `count:${tabId}`;

const sum = (frames: Frames): number => Object.values(frames).reduce((total, covered) => total + covered, 0);

async function framesOf(tabId: number): Promise<Frames> {
  const stored = await chrome.storage.session.get(countKey(tabId));
  return (stored[countKey(tabId)] ?? {}) as Frames;
}

/** The covered pictures of a tab, over all its frames. */
export const countOf = async (tabId: number): Promise<number> => sum(await framesOf(tabId));

/** Notes what a frame covers now and returns the new sum of its tab. */
export function count(tabId: number, frameId: number, covered: number): Promise<number> {
  return turn(async () => {
    const { [frameId]: _, ...others } = await framesOf(tabId);
    const frames = covered > 0 ? { ...others, [frameId]: covered } : others;
    await chrome.storage.session.set({ [countKey(tabId)]: frames });
    return sum(frames);
  });
}

/** Another page begins in the tab, or the tab is gone. */
export const forgetCount = (tabId: number): Promise<void> => turn(() => chrome.storage.session.remove(countKey(tabId)));
