DROP TABLE safety_overrides;
DROP TABLE injections;
DROP TABLE solution_components;
DROP TABLE solutions;
DROP TABLE procedures;
DROP TABLE stock_movements;
DROP TABLE lots;
