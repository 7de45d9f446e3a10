import type {Words} from '../en.ts';

export const oncall: Words['oncall'] = {
  until: (mention, time) => `${mention} 值班至 ${time}`,
  calls: (mention) => `${mention}，您正在值班，此故障尚无人确认`,
  none: '这里没有人值班：轮班由 config.yaml 中的 oncall: 设定。',
  now: (rotation, name, time, next) => `${rotation}：${name} 值班至 ${time}，之后是 ${next}`,
  inPlaceOf: (name, by) => `代替 ${name}，由 ${by} 指定`,
  cannotWrite: (name) => `机器人无法给 ${name} 发消息，需先在与机器人的私聊中点击“开始”。`,
  whichPerson: (who) => `没有名为 ${who} 的用户。`,
  whichRotation: (name) => `没有名为 ${name} 的轮班。`,
  howLong: (name) => `${name} 要值班多长时间？`,
  atMost: (duration) => `最长 ${duration}。`,
  done: (rotation, mention, time) => `${rotation} 值班：${mention}，至 ${time}`,
  cleared: (rotation, mention, time) => `${rotation} 恢复轮班：${mention}，至 ${time}`,
  nothingToClear: (rotation) => `${rotation} 目前无人代班。`,
};
