import type {DeleteMyCommandsParams, GetMyCommandsParams, SetMyCommandsParams} from '@gramio/types/params';
import {badRequest} from '../refusal.ts';
import {chatFor} from '../world.ts';
import type {Call, Methods} from './method.ts';

const COMMANDS_MAX = 100;
const DESCRIPTION_UNITS_MAX = 256;

export const commands: Methods = {
  setMyCommands: (params: SetMyCommandsParams, {world, bot}: Call) => {
    if (params.commands.length > COMMANDS_MAX) throw badRequest('BOT_COMMANDS_TOO_MUCH');
    for (const {command, description} of params.commands) {
      if (!/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
      const units = String(description).length;
      if (units < 1 || units > DESCRIPTION_UNITS_MAX) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    }
    const {scope} = params;
    if (scope !== undefined && 'chat_id' in scope) chatFor(world, scope.chat_id);
    const named = params.commands.map((one) => ({...one, command: one.command.replace(/^\//, '')}));
    bot.commands.set(keyOf(params), named);
    world.notify({kind: 'commands'});
    return true;
  },

  getMyCommands: (params: GetMyCommandsParams, {bot}: Call) => bot.commands.get(keyOf(params)) ?? [],

  deleteMyCommands: (params: DeleteMyCommandsParams, {world, bot}: Call) => {
    bot.commands.delete(keyOf(params));
    world.notify({kind: 'commands'});
    return true;
  },
};

function keyOf({scope, language_code}: GetMyCommandsParams): string {
  return JSON.stringify([scope ?? {type: 'default'}, language_code ?? '']);
}
