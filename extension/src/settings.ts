/** What the reader has chosen; kept by `chrome.storage.sync`, so that it travels with the reader's browser profile. */

import { type CoverStyle, type Policy, type Strictness } from "./messages";

export interface Settings {
  readonly on: boolean;
  readonly strictness: Strictness;
  readonly cover: CoverStyle;
  readonly canvases: boolean;
  /** Whether the toolbar button counts covered pictures. */
  readonly badge: boolean;
  /** Host names on which nothing is covered, their subdomains included. */
  readonly allowed: readonly string[];
  /** Reports are sent only when the reader has switched them on. */
  readonly reports: boolean;
  /** Address of the service that takes reports. */
  readonly reportTo: string;
}

export const DEFAULTS: Settings = {
  on: true,
  strictness: "balanced",
  cover: "blur",
  canvases: false,
  badge: true,
  allowed: [],
  reports: false,
  reportTo: "",
};

/** What holds before the service worker has answered: as careful as it gets. */
export const CAREFUL: Policy = { on: true, strictness: "balanced", cover: "blur", canvases: false, reports: false };
