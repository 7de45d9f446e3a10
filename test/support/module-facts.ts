import {parseSync, Visitor} from 'oxc-parser';

/** What the rules of tidiness need to know of one module. Lines count from 1. */
export interface ModuleFacts {
  /** Relative to the repository's root. */
  readonly file: string;
  readonly lines: number;
  /** Modules that this one loads when it runs; `null` where the name is computed. */
  readonly imports: readonly {readonly from: string | null; readonly line: number}[];
  /** Names that refer to something, dotted where they are reached by a dot from a plain name: `Date`, `performance.now`. */
  readonly names: readonly {readonly name: string; readonly line: number}[];
  /** Without the lines of the functions inside them, which count for themselves: a closure is as long as its own part. */
  readonly functions: readonly {readonly line: number; readonly lines: number}[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Reads a module's text; throws on one that does not parse, as the compiler would refuse it too. */
export function readModule(file: string, text: string): ModuleFacts {
  const {program, errors} = parseSync(file, text);
  const [error] = errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  const lineAt = lineFinder(text);
  const found = {
    imports: [] as {from: string | null; line: number}[],
    names: [] as {name: string; line: number}[],
    functions: [] as Span[],
  };
  const addImport = (node: Node, from: string | null) => found.imports.push({from, line: lineAt(node.start)});
  const addName = (node: Node, name: string) => found.names.push({name, line: lineAt(node.start)});
  const addFunction = (node: Node) => found.functions.push({first: lineAt(node.start), last: lineAt(node.end - 1)});
  /** The names after a dot are no references; they stand before the visitor reaches them as identifiers. */
  const properties = new Set<number>();
  new Visitor({
    ImportDeclaration(node) {
      const onlyTypes =
        node.specifiers.length > 0 &&
        node.specifiers.every((each) => 'importKind' in each && each.importKind === 'type');
      if (node.importKind !== 'type' && !onlyTypes) addImport(node, node.source.value);
    },
    ExportNamedDeclaration(node) {
      const onlyTypes = node.specifiers.length > 0 && node.specifiers.every((each) => each.exportKind === 'type');
      if (node.source && node.exportKind !== 'type' && !onlyTypes) addImport(node, node.source.value);
    },
    ExportAllDeclaration(node) {
      if (node.exportKind !== 'type') addImport(node, node.source.value);
    },
    ImportExpression(node) {
      const source = node.source;
      addImport(node, source.type === 'Literal' && typeof source.value === 'string' ? source.value : null);
    },
    MemberExpression(node) {
      if (node.computed || node.property.type !== 'Identifier') return;
      properties.add(node.property.start);
      if (node.object.type === 'Identifier') addName(node, `${node.object.name}.${node.property.name}`);
    },
    Property(node) {
      if (!node.computed && !node.shorthand) properties.add(node.key.start);
    },
    Identifier(node) {
      if (!properties.has(node.start)) addName(node, node.name);
    },
    FunctionDeclaration: addFunction,
    FunctionExpression: addFunction,
    ArrowFunctionExpression: addFunction,
  }).visit(program);
  return {file, lines: lineAt(text.trimEnd().length), ...found, functions: found.functions.map(ownLines)};
}

interface Span {
  readonly first: number;
  readonly last: number;
}

function ownLines(span: Span, _index: number, all: readonly Span[]): {line: number; lines: number} {
  const own = new Set(Array.from({length: span.last - span.first + 1}, (_, i) => span.first + i));
  const inner = all.filter((other) => other !== span && other.first >= span.first && other.last <= span.last);
  for (const {first, last} of inner) for (let line = first + 1; line <= last; line++) own.delete(line);
  return {line: span.first, lines: own.size};
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
