import type {CheckView} from '../../state/view.ts';

/** The check of this name; else those whose name begins with it, in any case of letters; else none. */
export function findChecks(text: string, checks: readonly CheckView[]): readonly CheckView[] {
  const exact = checks.filter(({config}) => config.name === text);
  if (exact.length > 0) return exact;
  const wanted = text.toLowerCase();
  return checks.filter(({config}) => config.name.toLowerCase().startsWith(wanted));
}
