/** What the settings mean for the pages of one tab. */

import { type Policy } from "./messages";
import { type Settings } from "./settings";
import { allowing, siteOf } from "./site";

/** What the reader wants at a moment: the settings, and a pause. */
export interface Standing {
  readonly settings: Settings;
  readonly paused: boolean;
}

/** A tab as far as the policy is concerned. */
export interface Place {
  /** Address of its top-level page; undefined where nobody may know it. */
  readonly url?: string | undefined;
  readonly incognito: boolean;
}

export function policyFor({ settings, paused }: Standing, { url, incognito }: Place): Policy {
  const site = siteOf(url);
  const allowed = site !== undefined && allowing(site, settings.allowed).length > 0;
  return {
    on: settings.on && !paused && !allowed,
    strictness: settings.strictness,
    cover: settings.cover,
    canvases: settings.canvases,
    reports: takesReports(settings) && !incognito,
  };
}

/** Whether there is somewhere to send reports to, and the reader wants it. */
export const takesReports = ({ reports, reportTo }: Settings): boolean => reports && reportTo !== "";
