import {type Document, visit, type YAMLError} from 'yaml';

export interface DocumentIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly place: Place;
}

export interface Place {
  readonly line: number;
  readonly col: number;
}

type PlaceOf = (offset: number) => Place;

/** What breaks the syntax: the first slip of each line, as it makes the parser stumble over the rest. */
export function syntaxIssues(document: Document, text: string, placeOf: PlaceOf): readonly DocumentIssue[] {
  const issues = new Map<number, DocumentIssue>();
  for (const error of [...document.errors, ...document.warnings]) {
    const {line} = placeOf(error.pos[0]);
    if (!issues.has(line)) issues.set(line, syntaxIssue(error, document, text, placeOf));
    if (issues.size >= SYNTAX_ISSUES_MAX) break;
  }
  return [...issues.values()];
}

/** A file of another sort breaks on each of its lines; nobody reads more than this. */
const SYNTAX_ISSUES_MAX = 50;

/** The offset at which a node begins. */
export const start = (node: unknown): number =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? Number(node.range[0]) : 0;

/** Our own words: those of the yaml package quote the text, which may be a secret. */
function syntaxIssue(error: YAMLError, document: Document, text: string, placeOf: PlaceOf): DocumentIssue {
  const offset = error.pos[0];
  const variable = bareVariable(text, offset);
  if (variable !== undefined) return {path: [], message: BARE_VARIABLE, place: placeOf(variable)};
  if (error.code === 'MISSING_CHAR' && error.message.startsWith('Missing closing'))
    return {path: [], message: OPEN_QUOTE, place: placeOf(openQuote(document, offset) ?? offset)};
  if (error.message.startsWith('Flow')) return {path: [], message: OPEN_BRACKET, place: placeOf(offset)};
  const isTab = error.code === 'UNEXPECTED_TOKEN' && text[offset] === '\t';
  const message = SYNTAX[isTab ? 'TAB_AS_INDENT' : error.code] ?? 'expected YAML; check the quotes and brackets';
  return {path: [], message, place: placeOf(offset)};
}

/** The package reports an open quote where the file ends; people look for it where it begins. */
function openQuote(document: Document, end: number): number | undefined {
  let found: number | undefined;
  visit(document, {
    Scalar: (_, node) => {
      if (node.type?.startsWith('QUOTE') && start(node) < end && end <= (node.range?.[2] ?? 0)) found = start(node);
    },
  });
  return found;
}

/** In `{a: ${NAME}}` the inner braces are YAML's, unless there are quotes. Where such a variable begins, if one does. */
function bareVariable(text: string, offset: number): number | undefined {
  const from = text.lastIndexOf('\n', offset - 1) + 1;
  const found = /.*[[{,:]\s*(?=\$\{)/.exec(text.slice(from, offset + 2));
  return found ? from + found[0].length : undefined;
}

const OPEN_QUOTE = 'expected the quote that begins here to end; put another one at the end of the text';
const OPEN_BRACKET = 'expected } or ] for a bracket that begins above; close it, or indent this line further';
const BARE_VARIABLE = `expected quotes round \${NAME}, found none inside { } or [ ]; write "\${NAME}"`;

const SYNTAX: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'expected spaces, found a tab; indent with spaces only',
  BAD_INDENT: 'expected the indentation of the lines around it, found another; line it up with its neighbours',
  MISSING_CHAR: 'expected one more character here; check the quotes, brackets, commas and colons',
  UNEXPECTED_TOKEN: 'expected a key or a value, found something else; check the quotes and brackets of this line',
  MULTIPLE_DOCS: 'expected one document, found a second one; remove the line ---',
  BAD_SCALAR_START: 'expected a value, found a special character at its start; put quotes round the value',
  BAD_DQ_ESCAPE:
    "expected a known escape such as \\n in double quotes, found another; write \\\\ or use 'single' quotes",
  BAD_ALIAS: 'expected a name after * or &; put quotes round a text that begins with one of them',
  TAG_RESOLVE_FAILED: 'expected a value without a tag, found one (!name); put quotes round a text that begins with !',
  MULTILINE_IMPLICIT_KEY: 'expected a key on one line, ending with a colon; is a colon or a quote missing?',
  BLOCK_AS_IMPLICIT_KEY:
    'expected one key on this line, found two; put quotes round a value that has a colon and a space',
  KEY_OVER_1024_CHARS: 'expected a key of at most 1024 characters; is a colon missing?',
  RESOURCE_EXHAUSTION: 'expected less nesting',
};
