import {chats} from './chats.ts';
import {commands} from './commands.ts';
import {files} from './files.ts';
import {messages} from './messages.ts';
import type {Methods} from './method.ts';
import {updates} from './updates.ts';

/** Every method that the simulator has. A new one is an entry in one of these files, or a file of its own. */
export const methods: Methods = {...updates, ...messages, ...files, ...chats, ...commands};
