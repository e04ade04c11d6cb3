/** The outbox in `chrome.storage.local`, where it survives the browser. */

import { EMPTY, type Outbox, type OutboxStore } from "./outbox";

/** Its key there, for who wants to hear of its changes. */
export const OUTBOX_KEY = "outbox";

export const outboxStore: OutboxStore = {
  /** An unreadable outbox is an empty one. */
  read: async () => {
    const stored = (await chrome.storage.local.get(OUTBOX_KEY))[OUTBOX_KEY] as Partial<Outbox> | undefined;
    return Array.isArray(stored?.reports) ? { ...EMPTY, ...stored } : EMPTY;
  },
  write: (outbox) => chrome.storage.local.set({ [OUTBOX_KEY]: outbox }),
};
