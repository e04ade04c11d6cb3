/**
 * The user style sheets: the manifest's loses to a page's `!important`, the same one as the user's own does not.
 *
 * They lie over the frames of a tab exactly while its policy is on: a frame gets them when it begins, and all frames of
 * a tab get them or lose them when its policy changes. None may have them twice: only one copy would be taken away.
 */

const SHEETS: { files: string[]; origin: "USER" } = { files: ["pictures.css", "backgrounds.css"], origin: "USER" };

/** Lays the sheets over a frame, or takes them away. Rejects when it has gone. */
export async function layInFrame(frame: chrome.runtime.MessageSender, on: boolean): Promise<void> {
  const { tab, documentId, frameId } = frame;
  if (tab?.id === undefined) throw new Error("not a frame of a tab");
  const which = documentId === undefined ? { frameIds: [frameId ?? 0] } : { documentIds: [documentId] };
  await lay({ tabId: tab.id, ...which }, on);
}

/** The same for all frames of a tab. Rejects for tabs that no extension may touch. */
export async function layInTab(tabId: number, on: boolean): Promise<void> {
  await lay({ tabId, allFrames: true }, on);
}

async function lay(target: chrome.scripting.InjectionTarget, on: boolean): Promise<void> {
  if (on) await chrome.scripting.insertCSS({ target, ...SHEETS });
  else await chrome.scripting.removeCSS({ target, ...SHEETS });
}
