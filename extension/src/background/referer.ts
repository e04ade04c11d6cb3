/**
 * Hosts that hand out pictures only to pages: what the offscreen document asks of them goes as an image request of
 * the page would, with that page's origin and nothing more of its address. One rule a host, asked for when it has
 * refused; gone with the browser.
 */

import { type Lend } from "../messages";

const MOST_HOSTS = 100;

let last: Promise<unknown> = Promise.resolve();

/** True once the rule holds. One at a time: two could take the same number. */
export function lendReferer(wish: Lend): Promise<boolean> {
  const done = last.then(() => setRule(wish)).then(
    () => true,
    () => false,
  );
  last = done;
  return done;
}

async function setRule({ host, referer }: Lend): Promise<void> {
  const rules = await chrome.declarativeNetRequest.getSessionRules();
  const its = rules.filter(({ condition }) => condition.requestDomains?.includes(host));
  const oldest = rules.length >= MOST_HOSTS ? rules.slice(0, 1) : [];
  const id = Math.max(0, ...rules.map((rule) => rule.id)) + 1;
  await chrome.declarativeNetRequest.updateSessionRules({
    removeRuleIds: [...its, ...oldest].map((rule) => rule.id),
    addRules: [ruleFor(id, host, referer)],
  });
}

function ruleFor(id: number, host: string, referer: string): chrome.declarativeNetRequest.Rule {
  const set = (header: string, value: string) => ({ header, operation: "set" as const, value });
  return {
    id,
    condition: {
      // Not `runtime.id`, which in Firefox is not the host.
      initiatorDomains: [location.hostname],
      requestDomains: [host],
      resourceTypes: ["xmlhttprequest"],
    },
    action: {
      type: "modifyHeaders",
      requestHeaders: [set("referer", referer), set("sec-fetch-dest", "image"), set("sec-fetch-mode", "no-cors")],
    },
  };
}
