/** Which site an address belongs to, and whether the reader has allowed it to show everything. */

const NAMES = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const IPV4 = /^\d+(\.\d+){3}$/;

/** The host name of what a person types: a URL, or a host with or without port; undefined when it is neither. */
export function hostOf(text: string): string | undefined {
  const typed = text.trim().replace(/^\*\./, "");
  return siteOf(typed.includes("://") ? typed : `https://${typed}`);
}

/** The host name of a page's address; undefined for pages that are of no site, such as files. */
export function siteOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { protocol, hostname } = new URL(address);
  const host = hostname.replace(/\.$/, "");
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return NAMES.test(host) || host.startsWith("[") ? host : undefined;
}

/** The entries of the list that allow a host: itself, or a domain that it lies below. */
export function allowing(host: string, allowed: readonly string[]): string[] {
  return allowed.filter((entry) => host === entry || (isDomain(entry) && host.endsWith(`.${entry}`)));
}

/** Nothing lies below an address; and a single label such as "com" must not allow half of the web. */
const isDomain = (entry: string): boolean => entry.includes(".") && !IPV4.test(entry);
