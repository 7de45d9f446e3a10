import {TEXT_UNITS_MAX} from './html.ts';

/** An alert leaves this much of a message free, for the marks that it is late and repeated. */
export const BODY_UNITS_MAX = TEXT_UNITS_MAX - 96;
/** Reasons come from the world outside and may be a whole page. */
export const REASON_UNITS_MAX = 300;
export const COMMENT_UNITS_MAX = 1000;
export const WHY_UNITS_MAX = 300;
export const MISSED_UNITS_MAX = 1_500;
/** Twenty targets of this length leave room for the comment and the acknowledgement below them. */
export const TARGET_UNITS_MAX = 55;
