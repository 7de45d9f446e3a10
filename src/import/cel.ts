/** A text as a literal of CEL. */
export function celText(text: string): string {
  return JSON.stringify(text);
}

/** A path such as `.a.b[0].c-d` behind `json`; undefined for one that says more than that. */
export function celPath(path: string): string | undefined {
  let rest = path.replace(/^\$/, '');
  if (rest !== '' && !/^[.[]/.test(rest)) rest = `.${rest}`;
  let cel = 'json';
  while (rest !== '') {
    const part = /^(?:\.([\p{L}_][\p{L}\p{N}_-]*)|\.?\[(\d+)\]|\.?\[(?:'([^']*)'|"([^"]*)")\]|\.(\d+))/u.exec(rest);
    if (!part) return undefined;
    const [whole, name, index, single, double, number] = part;
    const key = name ?? single ?? double;
    if (key === undefined) cel += `[${index ?? number}]`;
    else cel += /^[A-Za-z_]\w*$/.test(key) && !RESERVED.has(key) ? `.${key}` : `[${celText(key)}]`;
    rest = rest.slice(whole.length);
  }
  return cel;
}

/** Words that CEL keeps for itself. */
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** A value as it is compared: numbers and truth values as such, all else as text. */
export function celValue(text: string): string {
  if (/^(?:true|false)$/.test(text)) return text;
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return text;
  return celText(text);
}
