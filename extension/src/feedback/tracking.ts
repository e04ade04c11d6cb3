/**
 * Query parameters that name a reader or how the reader came, and never a picture.
 *
 * From two lists that browsers strip by: Firefox's query stripping (firefox-source-docs.mozilla.org, "Query Parameter
 * Stripping") and Brave's query filter (brave/brave-core, components/query_filter, issue by issue); and Google
 * Analytics' campaign parameters, all of which begin with "utm_". Nothing is on the list that could be part of what a
 * server needs to find a picture, such as a signature or a size.
 */

const NAMES = new Set(
  [
    "__hsfp __hssc __hstc __s _bhlid _branch_match_id _branch_referrer _ga _gl _hsenc _hsmi _kx _openstat",
    "at_recipient_id at_recipient_list bbeml bsft_clkid bsft_uid dclid et_rid fb_action_ids fb_comment_id fbclid gbraid",
    "gclid gclsrc guce_referrer guce_referrer_sig hsctatracking igsh igshid irclickid mc_cid mc_eid mkt_tok ml_subscriber",
    "ml_subscriber_hash msclkid mtm_cid oly_anon_id oly_enc_id pk_cid rb_clickid ref_src ref_url s_cid sc_customer sc_eh",
    "sc_uid srsltid ss_email_id ttclid twclid unicorn_click_id vero_conv vero_id vgo_ee wbraid wickedid yclid ymclid",
    "ysclid",
  ].flatMap((line) => line.split(" ")),
);

/** `query` ("?a=1&b=2" or "") without them; every other byte of it stays as it is, as a signature may cover it. */
export function withoutTracking(query: string): string {
  const kept = query
    .slice(1)
    .split("&")
    .filter((pair) => !isTracking(pair.split("=", 1)[0]!.toLowerCase()));
  return kept.join("") === "" ? "" : `?${kept.join("&")}`;
}

const isTracking = (name: string): boolean => name.startsWith("utm_") || NAMES.has(name);
