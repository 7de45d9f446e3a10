/** Of one incident; what each is, is said in docs/templates.md. */
const INCIDENT = [
  'acknowledged_at',
  'acknowledged_by',
  'acknowledged_until',
  'acknowledged_why',
  'check',
  'comment',
  'cut_off',
  'duration',
  'errors',
  'group',
  'reason',
  'removed',
  'server',
  'since',
  'targets',
  'targets_down',
  'targets_more',
  'targets_total',
  'until',
] as const;

const FLAPPING = ['check', 'comment', 'down', 'duration', 'group', 'server', 'since'] as const;

/** The texts that people may word anew, each with the variables that it knows at its top. */
export const TEMPLATES = {
  down: INCIDENT,
  closed: INCIDENT,
  recovered: INCIDENT,
  reminder: INCIDENT,
  digest: ['incidents', 'late', 'missed', 'missed_more', 'more', 'open', 'server', 'total'],
  flapping_started: FLAPPING,
  flapping_ended: FLAPPING,
} as const;

/** The variables that are lists, and what is known of each of their items besides. */
export const TEMPLATE_LISTS = {
  incidents: INCIDENT,
  missed: ['check', 'duration'],
  targets: ['label', 'reason', 'target'],
} as const;

export type TemplateName = keyof typeof TEMPLATES;
export type TemplateVariable<T extends TemplateName> = (typeof TEMPLATES)[T][number];
