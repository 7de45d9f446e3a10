import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count} = numbersIn('zh');

export const detail: Words['detail'] = {
  for: (duration) => `已持续 ${duration}`,
  latency: (line, last, mean) => `${line} ${last}，平均 ${mean}`,
  silenced: (end) => `已静默，${end}`,
  checkNow: '▶️ 立即检查',
  acknowledge: '👤 确认',
  takeBack: '👤 取消确认',
  silence: (span) => `🔕 ${span}`,
  untilMorning: '🔕 到早上',
  untilRecovered: '🔕 直到恢复',
  endSilence: '🔔 解除静默',
  history: '历史',
  graph: '图表',
  recover: '执行恢复',
  why: '为什么？',
  back: '‹ 返回',
};

export const run: Words['run'] = {
  running: (check) => `正在检查 ${check}……`,
  notRunning: (check) => `${check} 未运行：目前这里没有任何检查在运行。`,
};

export const past: Words['past'] = {
  available: (span, percent, ok, of) =>
    `${span}可用率：${percent}（运行 ${count(of, {other: '次'})}，成功 ${count(ok, {other: '次'})}）`,
  up: (span, percent) => `${span}可用率：${percent}`,
  day: '24 小时',
  week: '7 天',
  still: '仍在故障',
  noIncidents: '没有故障记录',
};

export const terminals: Words['terminals'] = {
  none: '没有任何检查含有目标。',
};

export const log: Words['log'] = {
  empty: '日志为空。',
  lines: (lines) => `日志末尾 ${count(lines, {other: '行'})}`,
};

export const window: Words['window'] = {
  none: '没有设置时段：消息随时可以发送。',
  unknown: (name) => `没有名为 ${name} 的时段。`,
  line: (name, isOpen, until) => `${name}：${isOpen ? '开放' : '关闭'}，${until}`,
};
