-- People of some hundred thousand different names. The first is the one who is looked for, misspelt.
INSERT INTO patients (practice_id, id, record_number, given_name, family_name, search_name, birth_date, sex_at_birth, phone, phone_digits,
    weight_kg, weight_measured_at, version, created_at, updated_at)
SELECT '{practice}', pg_temp.id_of('0006', n), 'P-' || lpad(n::text, 8, '0'), given, family, lower(translate(given || ' ' || family, '-ö', ' o')),
    date '1940-01-01' + pg_temp.dice('birth', n, 25000)::integer, CASE pg_temp.dice('sex', n, 4) WHEN 0 THEN 'male' ELSE 'female' END,
    '+1 555 ' || lpad(n::text, 7, '0'), '1555' || lpad(n::text, 7, '0'), 50 + pg_temp.dice('weight', n, 50), now() - interval '10 days',
    1, now() - interval '1 year', now() - interval '1 year'
FROM generate_series(0, {patients} - 1) n, LATERAL (
    SELECT CASE n WHEN 0 THEN 'Elena' ELSE pg_temp.pick('{Anna,Maria,Julia,Elena,Sofia,Laura,Nora,Clara,Iris,Vera,Ada,Mila,Zoe,Ines,Tess,
        Jonas,Peter,David,Simon,Felix,Oscar,Aaron,Bruno,Casper,Dario,Emil,Hugo,Ivan,Leon,Milan}', 'given', n) END AS given,
    CASE n WHEN 0 THEN 'Lindqvist-Berg' ELSE
        pg_temp.pick('{Al,Ber,Cor,Dan,El,Fal,Gar,Hol,In,Jen,Kel,Lind,Mor,Nor,Ol,Pet,Ros,Sil,Tor,Vra}', 'onset', n)
        || pg_temp.pick('{a,e,i,o,u,an,en,in,on,ar,er,or,al,el,il,ol,and,end,ing,ost}', 'middle', n)
        || pg_temp.pick('{ler,ström,dez,man,sen,ski,quist,ford,ton,ville,berg,ard,ova,etti,aki}', 'ending', n)
        || CASE pg_temp.dice('double', n, 5) WHEN 0 THEN '-' || pg_temp.pick('{Ames,Berg,Cole,Dunn,Eder,Frey,Gale,Hart}', 'second', n) ELSE '' END
    END AS family
) names;
-- As the service keeps them, by which a misspelt name is corrected.
INSERT INTO patient_name_words (practice_id, word)
SELECT DISTINCT p.practice_id, said.word FROM patients p CROSS JOIN LATERAL string_to_table(p.search_name, ' ') AS said (word)
ON CONFLICT DO NOTHING;
