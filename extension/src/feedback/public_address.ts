/** Which address of a picture may be sent: one that everybody can reach, without what could name the reader. */

import { withoutTracking } from "./tracking";

/** What the service takes. */
const LONGEST = 2048;
const WRITTEN_PLAINLY = /^[!-[\]-~]+$/;

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/;
// RFC 6761, 6762, 8375 and 9476, and what home routers and companies use beside them; the service has the same list.
const PRIVATE_SUFFIX = /\.(alt|arpa|corp|home|internal|intranet|invalid|lan|local|localhost|onion|private|test)$/;

/**
 * `address` without user, password, fragment and tracking parameters; undefined when it may not be sent: no http(s)
 * URL, on a host of this computer or of a network of its own, or nothing that the service would take.
 */
export function publicAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  url.hostname = url.hostname.replace(/\.$/, "");
  if (!isPublic(url.hostname)) return undefined;
  url.username = url.password = url.hash = "";
  url.search = withoutTracking(url.search);
  return url.href.length <= LONGEST && WRITTEN_PLAINLY.test(url.href) ? url.href : undefined;
}

function isPublic(host: string): boolean {
  if (host.startsWith("[")) return isPublicIpv6(host.slice(1, -1));
  // The URL parser has already written out what 0x7f.1 and the like mean.
  if (/^\d+(\.\d+){3}$/.test(host)) return isPublicIpv4(host.split(".").map(Number));
  return HOST_NAME.test(host) && !PRIVATE_SUFFIX.test(host);
}

/** RFC 6890 and the IANA registry of special-purpose addresses. */
function isPublicIpv4([a, b, c]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a! >= 224) return false;
  if (a === 100 && b! >= 64 && b! < 128) return false;
  if (a === 169 && b === 254) return false;
  if (a === 172 && b! >= 16 && b! < 32) return false;
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) return false;
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false;
  return !(a === 203 && b === 0 && c === 113);
}

/** Global unicast (2000::/3) but for what is set apart in it: Teredo and its kin, documentation, 6to4. */
function isPublicIpv6(address: string): boolean {
  const [first, second] = address.split(":").map((part) => parseInt(part === "" ? "0" : part, 16));
  if (first === undefined || second === undefined || first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return false;
  return first !== 0x2002 && first !== 0x3fff;
}
