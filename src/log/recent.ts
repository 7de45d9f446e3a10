/** What a person looks through, and no more: some 100 KB at the very most. */
const LINES_MAX = 200;
const LINE_CHARS_MAX = 500;

/** The newest lines of the log, oldest first, each cut to what fits on a screen. */
export interface Recent {
  add(line: string): void;
  lines(): readonly string[];
}

export function createRecent(): Recent {
  const lines: string[] = [];
  return {
    add: (line) => {
      if (lines.length === LINES_MAX) lines.shift();
      const text = line.trimEnd();
      lines.push(text.length > LINE_CHARS_MAX ? `${text.slice(0, LINE_CHARS_MAX)}…` : text);
    },
    lines: () => [...lines],
  };
}
