export {cronProblem} from '../checks/cron.ts';
