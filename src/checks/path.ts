import {z} from 'zod';

/** A path in config.yaml. The loader makes it absolute, from the folder of config.yaml, before a kind gets to see it. */
export const path = () => z.string().min(1).meta({path: true});
