/** Set to 1 by Fanfold's own client, which wants to know more than AWS tells: it then stands in a member `fanfold`. */
export const DETAILS_HEADER = 'x-fanfold-details';
