/** What is wrong with a text that people read, whatever it says; an empty list for nothing. HTML or plain. */
export function flawsOf(html: string): string[] {
  const flaws: string[] = [];
  if (html.trim() === '') flaws.push('is empty');
  if (html !== html.trim()) flaws.push('begins or ends with a space');
  const leaked = /undefined|null|NaN|\[object|=>|\$\{/.exec(html);
  if (leaked) flaws.push(`says ${leaked[0]}`);
  if (/ {2}|\( | \)| ,/.test(html.replace(/\n +/g, '\n'))) flaws.push('has a stray space');
  // A Latin letter that looks like a Cyrillic one is found by nobody who searches.
  const mixed = /\p{Script=Latin}\p{Script=Cyrillic}|\p{Script=Cyrillic}\p{Script=Latin}/u.exec(html);
  if (mixed) flaws.push(`mixes alphabets: ${mixed[0]}`);
  return [...flaws, ...markupFlaws(html)];
}

/** core.telegram.org/bots/api#html-style */
const TAGS = ['b', 'i', 'u', 's', 'code', 'pre', 'a', 'blockquote', 'tg-spoiler', 'tg-time'];

function markupFlaws(html: string): string[] {
  const open: string[] = [];
  for (const [tag, slash, name = ''] of html.matchAll(/<(\/?)([^\s>]*)[^>]*>/g)) {
    if (!TAGS.includes(name)) return [`has the tag ${tag}`];
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [`closes ${tag} out of turn`];
  }
  if (/&(?!amp;|lt;|gt;|quot;)/.test(html)) return ['has a bare &'];
  return open.map((name) => `leaves <${name}> open`);
}
