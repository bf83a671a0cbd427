import { studentFiles } from './project.ts';

export default studentFiles();
