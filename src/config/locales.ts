import {z} from 'zod';

/** The languages of src/bot/languages.ts, by their ISO 639 codes. */
export const LOCALES = ['en', 'ru', 'es', 'zh'] as const;
export const locale = z.enum(LOCALES);
