import {type ASTNode, type Context, Environment, type ParseResult, serialize} from '@marcbachmann/cel-js';
import {z} from 'zod';

/** The names that a kind's expectations may use, each with its CEL type: `{status: 'int', json: 'dyn'}`. */
export type Variables = Readonly<Record<string, string>>;

/** Compiled expectations. */
export interface Expectations {
  /** The variables that at least one expression mentions, so that a probe computes no others. */
  readonly uses: ReadonlySet<string>;
  /**
   * Undefined when all of them hold, or why the first one that fails does. An `int` variable is given as a bigint, a
   * `double` as a number; what JSON.parse returns may be given as it is.
   */
  unmet(values: Context): string | undefined;
}

/** What a reason shows of a text value; a reason is one line in a chat. */
const SHOWN_CHARS_MAX = 60;
/** Variables whose values may carry a session or a token, and so are never shown. */
const NEVER_SHOWN = new Set(['headers']);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);

/** The schema of `expect:`: each expression is checked against the variables' names and types when config is read. */
export function expectations(variables: Variables): z.ZodType<string[]> {
  const names = Object.entries(variables).map(([name, type]) => `${name} (${type})`);
  const expression = z.string().superRefine((text, context) => {
    const problem = problemOf(text, variables);
    // The loader adds what it got, unless that came from a secret.
    if (problem) context.addIssue(`expected a CEL expression over ${names.join(', ')}; ${problem}`);
  });
  return z.array(expression);
}

/** Compiles once what `expectations(variables)` has let through; throws if it has not. */
export function compileExpectations(list: readonly string[], variables: Variables): Expectations {
  const {environment, parse} = environmentFor(variables);
  const compiled = list.map(parse);
  const uses = new Set(compiled.flatMap(({ast}) => [...namesIn(ast)]).filter((name) => name in variables));
  const unmet = (values: Context) => {
    for (const expression of compiled) {
      const reason = reasonUnmet(expression, values, environment);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
  return {uses, unmet};
}

interface Language {
  readonly environment: Environment;
  readonly parse: (text: string) => ParseResult;
}

const environments = new WeakMap<Variables, Language>();
/** Thousands of checks share a few expressions; a memory that starts anew when full outlives any number of reloads. */
const PARSED_MAX = 1_000;

/** One environment for each kind: building one takes 40 µs and some memory, and there may be 10,000 checks. */
function environmentFor(variables: Variables): Language {
  const known = environments.get(variables);
  if (known) return known;
  const environment = new Environment();
  registerMixedArithmetic(environment);
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  const parsed = new Map<string, ParseResult>();
  const parse = (text: string) => {
    const seen = parsed.get(text);
    if (seen) return seen;
    if (parsed.size >= PARSED_MAX) parsed.clear();
    const result = environment.parse(text);
    parsed.set(text, result);
    return result;
  };
  const language = {environment, parse};
  environments.set(variables, language);
  return language;
}

/** CEL has no `double + int`, yet every number of a JSON body is a double and every whole literal an int. */
function registerMixedArithmetic(environment: Environment): void {
  const operations: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [sign, apply] of Object.entries(operations)) {
    const handler = (a: number | bigint, b: number | bigint) => apply(Number(a), Number(b));
    environment.registerOperator(`int ${sign} double: double`, handler);
    environment.registerOperator(`double ${sign} int: double`, handler);
  }
  environment.registerOperator('double % double: double', (a: number, b: number) => a % b);
}

function problemOf(text: string, variables: Variables): string | undefined {
  const {environment, parse} = environmentFor(variables);
  const {valid, type, error} = environment.check(text);
  if (!valid) return hintFor(error?.summary ?? 'it does not parse');
  if (type !== 'bool' && type !== 'dyn') {
    return `it gives ${type}: write a comparison that is true while all is well`;
  }
  return badPattern(parse(text).ast);
}

function hintFor(summary: string): string {
  if (/^no such overload: string in /.test(summary)) return 'write text.contains("part"), not "part" in text';
  return lowerFirst(summary.replace('Unexpected token: EOF', 'it ends too early')).replaceAll('dyn<', '<');
}

/** A regular expression that does not compile would fail at every run; it is known here already. */
function badPattern(node: ASTNode): string | undefined {
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    const pattern = node.args[2][0];
    if (pattern?.op === 'value' && typeof pattern.args === 'string' && !compiles(pattern.args)) {
      return 'the pattern of matches() is not a regular expression';
    }
  }
  return childrenOf(node).map(badPattern).find(Boolean);
}

function compiles(pattern: string): boolean {
  try {
    return Boolean(new RegExp(pattern, 'u'));
  } catch {
    return false;
  }
}

function reasonUnmet(expression: ParseResult, values: Context, environment: Environment): string | undefined {
  try {
    const value: unknown = expression(values);
    if (value === true) return undefined;
    const {text, subject} = blame(expression.ast, values, environment);
    if (value !== false) return `${text}: it is ${shown(value)}, neither true nor false`;
    return `${text}: ${subject === undefined ? 'it is not so' : `it is ${subject}`}`;
  } catch (error) {
    return `${shorten(expression.ast.input)}: ${evaluationProblem(error)}`;
  }
}

/** Finds the part of a false expression to show, and the value that made it so; slow, but only failures come here. */
function blame(
  node: ASTNode,
  values: Context,
  environment: Environment,
  isRoot = true,
): {text: string; subject?: string} {
  if (node.op === '&&') {
    const culprit = node.args.find((side) => evaluate(side, values, environment) === false);
    if (culprit) return blame(culprit, values, environment, false);
  }
  const text = shorten(isRoot ? node.input.trim() : serialize(node));
  const subject = subjectOf(node);
  if (!subject || [...namesIn(subject)].some((name) => NEVER_SHOWN.has(name))) return {text};
  const value = evaluate(subject, values, environment);
  return value === undefined ? {text} : {text, subject: shown(value)};
}

/** What an expression is about: the left side of a comparison, the receiver of a method. */
function subjectOf(node: ASTNode): ASTNode | undefined {
  if (node.op === 'rcall') return node.args[1];
  if (node.op === '!_') return subjectOf(node.args);
  if (!COMPARISONS.has(node.op)) return undefined;
  const [left, right] = childrenOf(node);
  return left?.op === 'value' ? right : left;
}

/** The value of a part of an expression; undefined where the part has no meaning by itself. */
function evaluate(node: ASTNode, values: Context, environment: Environment): unknown {
  try {
    return environment.evaluate(serialize(node), values);
  } catch {
    return undefined;
  }
}

function namesIn(node: ASTNode): Set<string> {
  if (node.op === 'id') return new Set([node.args]);
  return new Set(childrenOf(node).flatMap((child) => [...namesIn(child)]));
}

/** The nodes right below this one, whatever shape its operator gives to `args`. */
function childrenOf(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const visit = (part: unknown) => {
    if (Array.isArray(part)) for (const item of part) visit(item);
    else if (typeof part === 'object' && part !== null && 'op' in part && 'args' in part) found.push(part as ASTNode);
  };
  visit(node.args);
  return found;
}

/** CEL's own words, made fit for people: `no such key: queue`. */
function evaluationProblem(error: unknown): string {
  const summary = error instanceof Error && 'summary' in error ? String(error.summary) : String(error);
  const overload = /^no such overload: (.*)$/.exec(summary)?.[1];
  if (overload) return `${overload.replace(/dyn<(\w+)>/g, '$1')} has no meaning`;
  return shorten(lowerFirst(summary.replace('No such key: index', 'index')));
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'a map' : String(value);
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
