// Judges nothing: what the bench compares here is the work on the page's own thread.
chrome.runtime.onMessage.addListener((url, sender, respond) => respond({ url, triggering: false }));
