import {CONSOLE_PERSON, CONSOLE_ROLE} from '../../../src/bot/desk.ts';

/** Whoever sits at the console. */
export const CONSOLE_CALL = {person: CONSOLE_PERSON, role: CONSOLE_ROLE} as const;
