import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('zh');

export const attempt: Words['attempt'] = {
  title: (attempt, of) => `恢复尝试：第 ${number(attempt)} 次，共 ${number(of)} 次`,
  orderedBy: (name) => `由 ${name} 下令`,
  running: '正在运行',
  exited: (code, duration) => `用时 ${duration}，退出码 ${code}`,
  ended: (signal, duration) => `用时 ${duration}，被信号 ${signal} 终止`,
  timedOut: (duration) => `运行 ${duration} 后超时中止`,
  notStarted: (reason) => `未能启动：${reason}`,
  unknown: (reason) => `结果未知：${reason}`,
  dryRun: '未执行：已开启 dry_run',
  nextCheck: (time, duration) => `下次检查：${time}，${duration}后`,
  afterAttempts: (attempts) => `经过 ${count(attempts, {other: '次'})}恢复尝试`,
  waits: {
    breaker: '自动恢复已放弃，熔断器已断开：用 /recover NAME reset 复位',
    maintenance: '自动恢复等待中：正在维护',
    acked: '自动恢复等待中：已有人在处理',
    flapping: '自动恢复等待中：状态抖动',
    parent_down: '自动恢复等待中：其依赖的检查有故障',
    cut_off: '自动恢复等待中：本服务器已断网',
    outside_window: '自动恢复等待中：不在其时段内',
    approval: '自动恢复等待管理员批准：/recover NAME',
  },
};

export const recover: Words['recover'] = {
  none: '没有任何检查配置了恢复命令。',
  notOf: (check) => `${check} 没有配置恢复命令。`,
  begun: (check) => `正在恢复 ${check}；结果会显示在其卡片上。`,
  refused: {
    not_down: (check) => `${check} 没有故障，无需恢复。`,
    running: (check) => `${check} 的恢复已在运行。`,
    breaker: (check) => `${check} 的熔断器已断开：用 /recover ${check} reset 复位。`,
  },
  reset: (check) => `${check} 的恢复尝试重新计数。`,
  nothingToReset: (check) => `${check} 没有恢复尝试的计数，无需复位。`,
};
