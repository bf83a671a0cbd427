import config from './config.json' with { type: 'json' };
import { tableMapProject } from './project.ts';

export default tableMapProject(config);
