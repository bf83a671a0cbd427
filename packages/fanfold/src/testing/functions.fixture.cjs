const name = 'handler';
exports[name] = async (event) => ({ commonJs: true, event });
exports.direct = () => 'direct';
