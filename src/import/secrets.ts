/** Stands around a variable's name until the config is written, so that a `${` of the source can be told from ours. */
const MARK = '\u0000';
const MARKED = new RegExp(`${MARK}([A-Za-z_]\\w*)${MARK}`, 'g');
const NAME_CHARS_MAX = 60;

/** What was secret in the source: its values go to an .env file, and `${NAME}` stands in the config. */
export class Secrets {
  readonly #values = new Map<string, string>();
  /** Variables that the source itself names; they are set elsewhere. */
  readonly #named = new Set<string>();

  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  get named(): ReadonlySet<string> {
    return this.#named;
  }

  /** A text that stands for this value in the config. `hint` makes the variable's name: `shop password`. */
  put(hint: string, value: string): string {
    if (value.includes(MARK)) return value;
    const name = this.#free(variableName(hint), value);
    this.#values.set(name, value);
    return `${MARK}${name}${MARK}`;
  }

  /** `${NAME}` of the source, which means the same here. */
  name(text: string): string {
    return text.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => {
      this.#named.add(name);
      return `${MARK}${name}${MARK}`;
    });
  }

  #free(wanted: string, value: string): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}_${number}`;
      const taken = this.#values.get(name);
      if ((taken === undefined || taken === value) && !this.#named.has(name)) return name;
    }
  }
}

/** The text as config.yaml has it: variables as `${NAME}`, and what merely looks like one escaped. */
export function writtenAs(text: string): string {
  return text.replaceAll('${', () => '$${').replace(MARKED, (_, name: string) => `\${${name}}`);
}

/** Without the marks, for comments. */
export function spoken(text: string): string {
  return text.replace(MARKED, '$1');
}

function variableName(hint: string): string {
  const name = hint
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase()
    .slice(0, NAME_CHARS_MAX);
  if (name === '') return 'SECRET';
  return /^\d/.test(name) ? `_${name}` : name;
}
