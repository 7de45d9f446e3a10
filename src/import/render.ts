import {Document, type Pair, Scalar, YAMLMap} from 'yaml';
import {createRedact} from '../config/redact.ts';
import type {Draft, Entry} from './draft.ts';
import {isFields} from './fields.ts';
import {spoken, writtenAs} from './secrets.ts';

/** The draft as the text of a config.yaml. `head` are the first lines of its comment. */
export function renderDraft(draft: Draft, head: readonly string[]): string {
  const redact = createRedact([...draft.secrets.values.values()]);
  const comment = (lines: readonly string[]) => lines.map((line) => ` ${harmless(redact(spoken(line)))}`).join('\n');
  const document = new Document(new YAMLMap());
  const add = (map: YAMLMap, key: string, value: unknown, comments: readonly string[]) => {
    const node = new Scalar(key);
    if (comments.length > 0) node.commentBefore = comment(comments);
    map.add(document.createPair(node, value) as Pair);
  };
  const named = (entries: ReadonlyMap<string, Entry>) => {
    const map = new YAMLMap();
    for (const [name, {keys, comments}] of entries) add(map, name, document.createNode(written(keys)), comments);
    return map;
  };
  const root = document.contents as YAMLMap;
  for (const [key, {keys, comments}] of draft.top) {
    // A list at the top is wrapped under its own name.
    add(root, key, document.createNode(written(key in keys ? keys[key] : keys)), comments);
  }
  const isReportedTo = [...draft.checks.values()].some(({keys}) => keys.type === 'heartbeat');
  if (isReportedTo) add(root, 'http', document.createNode({}), REPORTS);
  if (draft.channels.size > 0) add(root, 'channels', named(draft.channels), []);
  add(root, 'checks', named(draft.checks), []);
  const lacking = draft.without.map((line) => `- ${line}`);
  const lines = [...head, ...(lacking.length > 0 ? ['', 'Without an equal:', ...lacking] : [])];
  document.commentBefore = comment(lines);
  return document.toString({lineWidth: 0, flowCollectionPadding: false, singleQuote: true});
}

const REPORTS = [
  'Reports come in here: on this machine only, until listen, token and tls say otherwise (docs/http.md)',
];

/** With the variables in their place. */
function written(value: unknown): unknown {
  if (typeof value === 'string') return writtenAs(value);
  if (Array.isArray(value)) return value.map(written);
  if (!isFields(value)) return value;
  return new Map(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, written(inner)]),
  );
}

const COMMENT_CHARS_MAX = 300;

/** A comment is one line, whatever stood in the source. */
function harmless(line: string): string {
  const text = line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return text.length > COMMENT_CHARS_MAX ? `${text.slice(0, COMMENT_CHARS_MAX)}…` : text;
}
