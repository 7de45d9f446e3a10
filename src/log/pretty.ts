/** Shows a log line to somebody at a terminal. */
export type Show = (line: string) => void;

/** So many lines wait for the library to be loaded; it takes some 20 ms, once. */
const WAITING_MAX = 100;

/**
 * Log lines in the form that people read, printed above what is being typed. The library is loaded with the first such line:
 * only warnings and errors are shown, and most runs have none.
 */
export function createPretty(print: (text: string) => void, colorize: boolean): Show {
  let pretty: ((line: string) => string) | undefined;
  let waiting: string[] | undefined;
  const show = (line: string) => print((pretty?.(harmless(line)) ?? line).trimEnd());
  const load = async () => {
    const {prettyFactory} = await import('pino-pretty');
    pretty = prettyFactory({colorize, singleLine: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname,server'});
  };
  const showWaiting = () => {
    pretty ??= (line) => line;
    for (const line of waiting ?? []) show(line);
    waiting = undefined;
  };
  return (line) => {
    if (pretty) return show(line);
    if (!waiting) {
      waiting = [];
      // Better JSON than nothing, should the library not be there.
      void load().then(showWaiting, showWaiting);
    }
    if (waiting.length < WAITING_MAX) waiting.push(line);
  };
}

/**
 * What a server answered may stand in a line, and a terminal obeys control characters. In JSON most of them are escapes;
 * an escaped backslash before them is none. The ends of lines stay, for the sake of stack traces.
 */
function harmless(json: string): string {
  return json.replace(/\\\\|\\(?:u00[01][\da-f]|[rbf])|[\u007f-\u009f]/gi, (found) =>
    found === '\\\\' ? found : '\ufffd',
  );
}
