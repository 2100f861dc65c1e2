-- The muscle catalogue: reference data shared by every practice, so it carries no practice and no
-- row security. A code never changes its meaning; a correction is a new catalogue version.
-- External identifiers are attributes, never keys: FMA and UBERON are open, TA98 identifiers are
-- kept without the terminology's own text.
CREATE TABLE muscles (
    code text NOT NULL,
    parent_code text,
    kind text NOT NULL,
    latin text NOT NULL,
    name text NOT NULL,
    region text NOT NULL,
    paired boolean NOT NULL,
    nerve text NOT NULL,
    referral text NOT NULL,
    needle text NOT NULL,
    cautions text[] NOT NULL,
    fma text,
    uberon text,
    ta98 text,
    broader_ids text[] NOT NULL,
    chart_view text NOT NULL,
    chart_x numeric(6, 5) NOT NULL,
    chart_y numeric(6, 5) NOT NULL,
    catalogue_version text NOT NULL,
    CONSTRAINT muscles_pkey PRIMARY KEY (code),
    CONSTRAINT muscles_parent_fkey FOREIGN KEY (parent_code) REFERENCES muscles (code),
    CONSTRAINT muscles_code_spelt CHECK (code ~ '^[a-z][a-z0-9_]{1,63}$'),
    CONSTRAINT muscles_parent_is_another CHECK (parent_code <> code),
    CONSTRAINT muscles_part_has_parent CHECK (kind <> 'part' OR parent_code IS NOT NULL),
    CONSTRAINT muscles_kind_known CHECK (kind IN ('muscle', 'part', 'group')),
    CONSTRAINT muscles_names_given CHECK (latin <> '' AND name <> ''),
    CONSTRAINT muscles_region_known CHECK (region IN (
        'head', 'neck', 'shoulder_girdle', 'upper_back', 'chest', 'abdomen', 'low_back', 'gluteal'
    )),
    CONSTRAINT muscles_cautions_known CHECK (
        array_to_string(cautions, ';') ~ ('^((PTX|VASC|NERVE|DURA|EYE|AIRWAY|PAROTID|RENAL|SCIATIC'
            || '|DEEP|RETROPERITONEAL|PERITONEUM)(\([^();]+\))?(;|$))*$')
    ),
    CONSTRAINT muscles_fma_digits CHECK (fma ~ '^[0-9]{4,6}$'),
    CONSTRAINT muscles_uberon_digits CHECK (uberon ~ '^[0-9]{7}$'),
    CONSTRAINT muscles_ta98_spelt CHECK (ta98 ~ '^A[0-9]{2}(\.[0-9]{1,2}){2}\.[0-9]{3}$'),
    CONSTRAINT muscles_broader_ids_known CHECK (broader_ids <@ ARRAY['fma', 'uberon', 'ta98']),
    CONSTRAINT muscles_chart_view_known CHECK (chart_view IN (
        'HN_POST', 'HN_ANT', 'HN_LAT_L', 'HN_LAT_R', 'UB_POST', 'UB_ANT', 'LB_POST'
    )),
    CONSTRAINT muscles_chart_x_range CHECK (chart_x BETWEEN 0 AND 1),
    CONSTRAINT muscles_chart_y_range CHECK (chart_y BETWEEN 0 AND 1)
);

CREATE INDEX muscles_parent_idx ON muscles (parent_code);

COMMENT ON TABLE muscles IS 'Muscles, their parts and groups that a finding or an injection can name; reference data, the same for every practice.';
COMMENT ON COLUMN muscles.code IS 'Our own lasting code; what findings and injections refer to.';
COMMENT ON COLUMN muscles.parent_code IS 'The muscle a part belongs to, or the group a muscle belongs to.';
COMMENT ON COLUMN muscles.kind IS 'muscle, part or group; for counting muscles a part counts as its parent, a group as its members.';
COMMENT ON COLUMN muscles.latin IS 'Latin anatomical name.';
COMMENT ON COLUMN muscles.name IS 'English name as shown to clinicians and on the body chart.';
COMMENT ON COLUMN muscles.region IS 'Body region; decides which views of the body chart can show the muscle.';
COMMENT ON COLUMN muscles.paired IS 'True when there is a left and a right one; false when it lies in the midline.';
COMMENT ON COLUMN muscles.nerve IS 'Innervation; general knowledge awaiting a clinician''s review.';
COMMENT ON COLUMN muscles.referral IS 'Referred pain often described; a hint only, the observed referral is recorded with each finding.';
COMMENT ON COLUMN muscles.needle IS 'Usual needle and technique; a hint awaiting a clinician''s review.';
COMMENT ON COLUMN muscles.cautions IS 'Structures at risk at this site, such as PTX or VASC(vertebral a.); PTX, DURA and the vertebral artery ask for acknowledgement.';
COMMENT ON COLUMN muscles.fma IS 'FMA identifier without its prefix; null where none was found.';
COMMENT ON COLUMN muscles.uberon IS 'UBERON identifier without its prefix; null where none was found.';
COMMENT ON COLUMN muscles.ta98 IS 'TA98 identifier; null where none was found.';
COMMENT ON COLUMN muscles.broader_ids IS 'Which of fma, uberon and ta98 name the broader structure because the row has no identifier of its own there.';
COMMENT ON COLUMN muscles.chart_view IS 'View of the body chart the default point lies on.';
COMMENT ON COLUMN muscles.chart_x IS 'Default point, across from the viewer''s left, 0 to 1; the left muscle where paired. A first cursor only.';
COMMENT ON COLUMN muscles.chart_y IS 'Default point, down from the top, 0 to 1.';
COMMENT ON COLUMN muscles.catalogue_version IS 'Version of the catalogue this row came with.';

GRANT SELECT ON muscles TO tautband_app;

INSERT INTO muscles (
    code, parent_code, kind, latin, name, region, paired, nerve, referral, needle, cautions,
    fma, uberon, ta98, broader_ids, chart_view, chart_x, chart_y, catalogue_version
) VALUES
    ('frontalis', NULL, 'muscle', 'Venter frontalis m. occipitofrontalis', 'Frontalis', 'head', true, 'CN VII (temporal br.)', 'Ipsilateral forehead above the eye', '30G 13 mm, superficial', '{EYE,"NERVE(supraorbital)"}', '46757', '0010952', 'A04.1.03.004', '{}', 'HN_ANT', 0.55000, 0.16000, '2026-11-22'),
    ('corrugator_supercilii', NULL, 'muscle', 'M. corrugator supercilii', 'Corrugator', 'head', true, 'CN VII', 'Brow / forehead', '30G 13 mm', '{EYE,"VASC(supratrochlear)"}', NULL, NULL, 'A04.1.03.018', '{}', 'HN_ANT', 0.54000, 0.22500, '2026-11-22'),
    ('procerus', NULL, 'muscle', 'M. procerus', 'Procerus', 'head', false, 'CN VII', 'Glabella / root of nose', '30G 13 mm', '{EYE}', '46769', '0008588', 'A04.1.03.008', '{}', 'HN_ANT', 0.50000, 0.23500, '2026-11-22'),
    ('orbicularis_oculi', NULL, 'muscle', 'M. orbicularis oculi', 'Orbicularis oculi', 'head', true, 'CN VII', 'Eyebrow, side of nose, upper lip', '30G 13 mm, superficial', '{EYE}', '46779', '0001578', 'A04.1.03.013', '{}', 'HN_ANT', 0.57500, 0.27000, '2026-11-22'),
    ('occipitalis', NULL, 'muscle', 'Venter occipitalis m. occipitofrontalis', 'Occipitalis', 'head', true, 'CN VII (post. auricular)', 'Occiput, vertex, deep behind the eye', '27-30G 13-25 mm', '{"NERVE(greater occipital)","VASC(occipital a.)"}', '46758', '0010947', 'A04.1.03.005', '{}', 'HN_POST', 0.44000, 0.25000, '2026-11-22'),
    ('temporalis', NULL, 'muscle', 'M. temporalis', 'Temporalis', 'head', true, 'CN V3 (deep temporal)', 'Temple, eyebrow, upper teeth', '27-30G 13-25 mm', '{"VASC(superficial temporal a.)"}', '49006', '0001598', 'A04.1.04.005', '{}', 'HN_LAT_L', 0.42000, 0.22000, '2026-11-22'),
    ('masseter', NULL, 'muscle', 'M. masseter', 'Masseter (whole)', 'head', true, 'CN V3 (masseteric)', 'see parts', '27G 25 mm', '{PAROTID,"NERVE(CN VII)"}', '48996', '0001597', 'A04.1.04.002', '{}', 'HN_LAT_L', 0.36000, 0.42000, '2026-11-22'),
    ('masseter_superficial', 'masseter', 'part', 'Pars superficialis m. masseter', 'Masseter, superficial', 'head', true, 'CN V3', 'Eyebrow, cheek, jaw, molar teeth', '27G 25 mm', '{PAROTID,"NERVE(CN VII)"}', '49000', '0011140', 'A04.1.04.002', '{ta98}', 'HN_LAT_L', 0.35000, 0.44000, '2026-11-22'),
    ('masseter_deep', 'masseter', 'part', 'Pars profunda m. masseter', 'Masseter, deep', 'head', true, 'CN V3', 'Deep ear, TMJ', '27G 25 mm', '{PAROTID,"NERVE(CN VII)"}', '49003', '0010995', 'A04.1.04.002', '{ta98}', 'HN_LAT_L', 0.41000, 0.39000, '2026-11-22'),
    ('medial_pterygoid', NULL, 'muscle', 'M. pterygoideus medialis', 'Medial pterygoid', 'head', true, 'CN V3', 'TMJ, ear, throat, mouth', '25-27G 38 mm, specialist approach', '{"VASC(maxillary a.)",DEEP}', '49011', '0006718', 'A04.1.04.009', '{}', 'HN_LAT_L', 0.37000, 0.47000, '2026-11-22'),
    ('lateral_pterygoid', NULL, 'muscle', 'M. pterygoideus lateralis', 'Lateral pterygoid', 'head', true, 'CN V3', 'TMJ, cheek (maxilla)', '25-27G 38 mm, specialist approach', '{"VASC(maxillary a./pterygoid plexus)",DEEP}', '49015', '0006719', 'A04.1.04.006', '{}', 'HN_LAT_L', 0.38000, 0.36000, '2026-11-22'),
    ('digastric_posterior', NULL, 'muscle', 'Venter posterior m. digastrici', 'Digastric, posterior belly', 'neck', true, 'CN VII', 'Upper SCM area, occiput', '27G 25 mm', '{"VASC(carotid/jugular)","NERVE(CN XI)"}', '46303', '0010944', 'A04.2.03.002', '{ta98}', 'HN_LAT_L', 0.50000, 0.47000, '2026-11-22'),
    ('digastric_anterior', NULL, 'muscle', 'Venter anterior m. digastrici', 'Digastric, anterior belly', 'neck', true, 'CN V3 (mylohyoid)', 'Lower incisors', '27G 25 mm', '{"VASC(lingual)",AIRWAY}', '46302', '0010943', 'A04.2.03.002', '{ta98}', 'HN_ANT', 0.52000, 0.55000, '2026-11-22'),
    ('platysma', NULL, 'muscle', 'Platysma', 'Platysma', 'neck', true, 'CN VII (cervical)', 'Jaw / cheek, prickling', '30G 13 mm, superficial', '{"VASC(ext. jugular)"}', '45738', '0005467', 'A04.2.01.001', '{}', 'HN_LAT_L', 0.42000, 0.60000, '2026-11-22'),
    ('sternocleidomastoid', NULL, 'muscle', 'M. sternocleidomastoideus', 'Sternocleidomastoid (whole)', 'neck', true, 'CN XI, C2-C3', 'see heads', '25-27G 25 mm, pincer grip', '{"VASC(carotid/jugular)","PTX(low)",NERVE}', '13407', '0001128', 'A04.2.01.008', '{}', 'HN_LAT_L', 0.52000, 0.62000, '2026-11-22'),
    ('scm_sternal', 'sternocleidomastoid', 'part', 'Caput sternale', 'SCM, sternal head', 'neck', true, 'CN XI, C2-C3', 'Occiput, vertex, cheek, around the eye, throat', '25-27G 25 mm, pincer grip', '{"VASC(carotid/jugular)",NERVE}', '13407', '0001128', 'A04.2.01.008', '{fma,uberon,ta98}', 'HN_LAT_L', 0.48000, 0.60000, '2026-11-22'),
    ('scm_clavicular', 'sternocleidomastoid', 'part', 'Caput claviculare', 'SCM, clavicular head', 'neck', true, 'CN XI, C2-C3', 'Forehead (can cross midline), ear; dizziness', '25-27G 25 mm, pincer grip', '{"VASC(carotid/jugular)","PTX(low)"}', '13407', '0001128', 'A04.2.01.008', '{fma,uberon,ta98}', 'HN_LAT_L', 0.53000, 0.66000, '2026-11-22'),
    ('longus_colli', NULL, 'muscle', 'M. longus colli', 'Longus colli', 'neck', true, 'Ventral rami C2-C6', 'Throat / anterior neck', 'not routinely injected (image guided)', '{VASC,AIRWAY,DEEP}', '13370', '0001121', 'A04.2.01.002', '{}', 'HN_ANT', 0.51500, 0.62000, '2026-11-22'),
    ('longus_capitis', NULL, 'muscle', 'M. longus capitis', 'Longus capitis', 'neck', true, 'Ventral rami C1-C3', 'Anterior neck / head', 'not routinely injected (image guided)', '{VASC,AIRWAY,DEEP}', '46308', '0001563', 'A04.2.01.003', '{}', 'HN_ANT', 0.51500, 0.56000, '2026-11-22'),
    ('omohyoid', NULL, 'muscle', 'M. omohyoideus', 'Omohyoid', 'neck', true, 'Ansa cervicalis C1-C3', 'Shoulder, arm (scalene-like)', '27G 25 mm', '{VASC,PTX}', '13342', '0001108', 'A04.2.04.003', '{}', 'HN_LAT_L', 0.47000, 0.70000, '2026-11-22'),
    ('scalenus_anterior', NULL, 'muscle', 'M. scalenus anterior', 'Scalene, anterior', 'neck', true, 'Ventral rami C4-C7', 'Chest, medial scapula, radial arm and hand', '25-27G 25-38 mm, image guidance advised', '{PTX,"NERVE(brachial plexus/phrenic)","VASC(subclavian)"}', '13385', '0008622', NULL, '{}', 'HN_LAT_L', 0.53000, 0.74000, '2026-11-22'),
    ('scalenus_medius', NULL, 'muscle', 'M. scalenus medius', 'Scalene, middle', 'neck', true, 'Ventral rami C3-C8', 'as anterior scalene', '25-27G 25-38 mm, image guidance advised', '{PTX,"NERVE(brachial plexus)"}', '13386', '0001122', NULL, '{}', 'HN_LAT_L', 0.56000, 0.74000, '2026-11-22'),
    ('scalenus_posterior', NULL, 'muscle', 'M. scalenus posterior', 'Scalene, posterior', 'neck', true, 'Ventral rami C6-C8', 'as anterior scalene; ulnar hand', '25-27G 25-38 mm, image guidance advised', '{PTX,NERVE}', '13387', '0001123', NULL, '{}', 'HN_LAT_L', 0.59000, 0.76000, '2026-11-22'),
    ('trapezius', NULL, 'muscle', 'M. trapezius', 'Trapezius (whole)', 'shoulder_girdle', true, 'CN XI, C3-C4', 'see parts', '25-27G 25-38 mm', '{PTX}', '9626', '0002380', 'A04.3.01.001', '{}', 'HN_POST', 0.30000, 0.70000, '2026-11-22'),
    ('trapezius_upper', 'trapezius', 'part', 'Pars descendens', 'Trapezius, upper', 'shoulder_girdle', true, 'CN XI, C3-C4', 'Posterolateral neck, mastoid, temple, behind eye, angle of jaw', '25-27G 25-38 mm, pincer grip, away from lung', '{PTX}', '32557', '0002380', 'A04.3.01.001', '{uberon,ta98}', 'HN_POST', 0.27000, 0.70000, '2026-11-22'),
    ('trapezius_middle', 'trapezius', 'part', 'Pars transversa', 'Trapezius, middle', 'upper_back', true, 'CN XI, C3-C4', 'Interscapular, acromion', '25-27G 25 mm, tangential', '{PTX}', '32556', '0002380', 'A04.3.01.001', '{uberon,ta98}', 'UB_POST', 0.36000, 0.18000, '2026-11-22'),
    ('trapezius_lower', 'trapezius', 'part', 'Pars ascendens', 'Trapezius, lower', 'upper_back', true, 'CN XI, C3-C4', 'Upper neck/suboccipital, acromion, interscapular', '25-27G 25 mm, tangential', '{PTX}', '32555', '0002380', 'A04.3.01.001', '{uberon,ta98}', 'UB_POST', 0.42000, 0.50000, '2026-11-22'),
    ('splenius_capitis', NULL, 'muscle', 'M. splenius capitis', 'Splenius capitis', 'neck', true, 'Dorsal rami C2-C4', 'Vertex', '25-27G 25-38 mm', '{"VASC(vertebral a., high level)"}', '22653', '0000711', 'A04.3.02.103', '{}', 'HN_POST', 0.42000, 0.44000, '2026-11-22'),
    ('splenius_cervicis', NULL, 'muscle', 'M. splenius cervicis', 'Splenius cervicis', 'neck', true, 'Dorsal rami C5-C8', 'Behind the eye, temple, angle of neck', '25-27G 25-38 mm', '{DURA,"PTX(low)"}', '22681', '0008544', 'A04.3.02.104', '{}', 'HN_POST', 0.43000, 0.58000, '2026-11-22'),
    ('semispinalis_capitis', NULL, 'muscle', 'M. semispinalis capitis', 'Semispinalis capitis', 'neck', true, 'Dorsal rami C1-C6', 'Band around the head to temple/forehead', '25G 38 mm', '{"NERVE(greater occipital)",DURA}', '22830', '0001409', 'A04.3.02.206', '{ta98}', 'HN_POST', 0.46000, 0.42000, '2026-11-22'),
    ('semispinalis_cervicis', NULL, 'muscle', 'M. semispinalis cervicis', 'Semispinalis cervicis', 'neck', true, 'Dorsal rami C2-T5', 'Occiput, down the neck', '25G 38-50 mm', '{DURA,DEEP}', '22829', '0001408', 'A04.3.02.206', '{ta98}', 'HN_POST', 0.46000, 0.54000, '2026-11-22'),
    ('longissimus_capitis', NULL, 'muscle', 'M. longissimus capitis', 'Longissimus capitis', 'neck', true, 'Dorsal rami C3-C8', 'Behind ear, around the eye', '25G 38 mm', '{"VASC(vertebral a.)"}', '22714', '0001403', 'A04.3.02.010', '{ta98}', 'HN_POST', 0.40000, 0.48000, '2026-11-22'),
    ('longissimus_cervicis', NULL, 'muscle', 'M. longissimus cervicis', 'Longissimus cervicis', 'neck', true, 'Dorsal rami', 'Neck, behind ear', '25G 38 mm', '{DURA,"PTX(low)"}', '22711', '0001402', 'A04.3.02.010', '{ta98}', 'HN_POST', 0.42000, 0.62000, '2026-11-22'),
    ('iliocostalis_cervicis', NULL, 'muscle', 'M. iliocostalis cervicis', 'Iliocostalis cervicis', 'neck', true, 'Dorsal rami', 'Neck / upper thorax', '25G 38 mm', '{PTX}', '22704', '0008546', 'A04.3.02.005', '{ta98}', 'HN_POST', 0.41000, 0.72000, '2026-11-22'),
    ('multifidus', NULL, 'muscle', 'Mm. multifidi', 'Multifidus (whole)', 'low_back', true, 'Dorsal rami (medial br.)', 'see parts', 'see parts', '{DURA,DEEP}', NULL, NULL, 'A04.3.02.202', '{}', 'LB_POST', 0.47000, 0.42000, '2026-11-22'),
    ('multifidus_cervicis', 'multifidus', 'part', 'Mm. multifidi (cervicis)', 'Multifidus, cervical', 'neck', true, 'Dorsal rami (medial br.)', 'Suboccipital, posterior neck, upper scapula', '25G 38-50 mm', '{DURA,DEEP}', NULL, NULL, 'A04.3.02.202', '{}', 'HN_POST', 0.47000, 0.58000, '2026-11-22'),
    ('suboccipital_group', NULL, 'group', 'Mm. suboccipitales', 'Suboccipitals (group)', 'neck', true, 'C1 dorsal ramus', 'Occiput to eye, poorly localised band', 'see members', '{"VASC(vertebral a.)",DURA}', NULL, NULL, 'A04.2.02.001', '{}', 'HN_POST', 0.45000, 0.38500, '2026-11-22'),
    ('rectus_capitis_posterior_major', 'suboccipital_group', 'muscle', 'M. rectus capitis posterior major', 'RCP major', 'neck', true, 'C1 dorsal ramus', 'as group', '25-27G 25-38 mm, below C1 level only / US guidance', '{"VASC(vertebral a.)",DURA}', '32525', '0008454', 'A04.2.02.004', '{}', 'HN_POST', 0.45500, 0.38500, '2026-11-22'),
    ('rectus_capitis_posterior_minor', 'suboccipital_group', 'muscle', 'M. rectus capitis posterior minor', 'RCP minor', 'neck', true, 'C1 dorsal ramus', 'as group', 'avoid blind injection', '{"VASC(vertebral a.)",DURA}', '32526', '0008455', 'A04.2.02.005', '{}', 'HN_POST', 0.47500, 0.37000, '2026-11-22'),
    ('obliquus_capitis_superior', 'suboccipital_group', 'muscle', 'M. obliquus capitis superior', 'Obliquus cap. superior', 'neck', true, 'C1 dorsal ramus', 'as group', 'avoid blind injection', '{"VASC(vertebral a.)"}', '32527', NULL, 'A04.2.02.006', '{}', 'HN_POST', 0.42500, 0.37500, '2026-11-22'),
    ('obliquus_capitis_inferior', 'suboccipital_group', 'muscle', 'M. obliquus capitis inferior', 'Obliquus cap. inferior', 'neck', true, 'C1-C2 dorsal rami', 'as group', '25-27G 38 mm, US guidance advised', '{"VASC(vertebral a.)",DURA,"NERVE(greater occipital)"}', '32528', NULL, 'A04.2.02.007', '{}', 'HN_POST', 0.45000, 0.41500, '2026-11-22'),
    ('rectus_capitis_lateralis', NULL, 'muscle', 'M. rectus capitis lateralis', 'Rectus cap. lateralis', 'neck', true, 'Ventral rami C1-C2', 'Deep upper neck', 'not routinely injected', '{VASC,DEEP}', '46316', '0003250', 'A04.2.02.003', '{}', 'HN_LAT_L', 0.55000, 0.42000, '2026-11-22'),
    ('levator_scapulae', NULL, 'muscle', 'M. levator scapulae', 'Levator scapulae', 'shoulder_girdle', true, 'C3-C4, dorsal scapular n. (C5)', 'Angle of neck, medial scapular border, posterior shoulder', '25-27G 25-38 mm, tangential at superior angle', '{PTX}', '32519', '0005461', 'A04.3.01.009', '{}', 'HN_POST', 0.36000, 0.76000, '2026-11-22'),
    ('rhomboid_minor', NULL, 'muscle', 'M. rhomboideus minor', 'Rhomboid minor', 'upper_back', true, 'Dorsal scapular n. C4-C5', 'Medial scapular border', '25-27G 25 mm, tangential', '{PTX}', '13380', NULL, 'A04.3.01.008', '{}', 'UB_POST', 0.40000, 0.16000, '2026-11-22'),
    ('rhomboid_major', NULL, 'muscle', 'M. rhomboideus major', 'Rhomboid major', 'upper_back', true, 'Dorsal scapular n. C4-C5', 'Medial scapular border', '25-27G 25 mm, tangential', '{PTX}', '13379', NULL, 'A04.3.01.007', '{}', 'UB_POST', 0.40000, 0.28000, '2026-11-22'),
    ('serratus_posterior_superior', NULL, 'muscle', 'M. serratus posterior superior', 'Serratus post. superior', 'upper_back', true, 'Intercostal nn. T1-T4', 'Deep under scapula, posterior shoulder, ulnar hand', '25G 25 mm, tangential', '{PTX}', '13401', '0001126', 'A04.3.01.011', '{}', 'UB_POST', 0.38000, 0.14000, '2026-11-22'),
    ('supraspinatus', NULL, 'muscle', 'M. supraspinatus', 'Supraspinatus', 'shoulder_girdle', true, 'Suprascapular n. C5-C6', 'Mid-deltoid, lateral elbow', '25G 38 mm, towards scapula', '{PTX}', '9629', '0002383', 'A04.6.02.006', '{}', 'UB_POST', 0.26000, 0.12000, '2026-11-22'),
    ('infraspinatus', NULL, 'muscle', 'M. infraspinatus', 'Infraspinatus', 'shoulder_girdle', true, 'Suprascapular n. C5-C6', 'Anterior shoulder, down arm to radial hand', '25G 38 mm', '{"PTX(scapular defect, rare)"}', '32546', '0001477', 'A04.6.02.008', '{}', 'UB_POST', 0.25000, 0.26000, '2026-11-22'),
    ('teres_minor', NULL, 'muscle', 'M. teres minor', 'Teres minor', 'shoulder_girdle', true, 'Axillary n. C5-C6', 'Posterior deltoid', '25G 38 mm', '{"NERVE(axillary)"}', '32550', '0010496', 'A04.6.02.010', '{}', 'UB_POST', 0.19000, 0.30000, '2026-11-22'),
    ('teres_major', NULL, 'muscle', 'M. teres major', 'Teres major', 'shoulder_girdle', true, 'Lower subscapular n. C5-C7', 'Posterior deltoid, dorsal forearm', '25G 38 mm', '{"PTX(low)"}', '32549', '0001478', 'A04.6.02.011', '{}', 'UB_POST', 0.19000, 0.38000, '2026-11-22'),
    ('subscapularis', NULL, 'muscle', 'M. subscapularis', 'Subscapularis', 'shoulder_girdle', true, 'Subscapular nn. C5-C7', 'Posterior shoulder, band at wrist', '22-25G 50-90 mm, experienced operator', '{PTX,NERVE,"VASC(axillary)"}', '13413', '0001129', 'A04.6.02.012', '{}', 'UB_POST', 0.17000, 0.32000, '2026-11-22'),
    ('deltoid', NULL, 'muscle', 'M. deltoideus', 'Deltoid', 'shoulder_girdle', true, 'Axillary n. C5-C6', 'Local shoulder', '25G 25-38 mm', '{"NERVE(axillary)"}', '32521', '0001476', 'A04.6.02.002', '{}', 'UB_POST', 0.10000, 0.18000, '2026-11-22'),
    ('latissimus_dorsi', NULL, 'muscle', 'M. latissimus dorsi', 'Latissimus dorsi', 'upper_back', true, 'Thoracodorsal n. C6-C8', 'Inferior angle of scapula, ulnar arm', '25G 38 mm', '{PTX}', '13357', '0001112', 'A04.3.01.006', '{}', 'UB_POST', 0.20000, 0.55000, '2026-11-22'),
    ('pectoralis_major', NULL, 'muscle', 'M. pectoralis major', 'Pectoralis major', 'chest', true, 'Pectoral nn. C5-T1', 'Chest, anterior shoulder, ulnar arm', '25-27G 25-38 mm, pincer/tangential', '{PTX}', '9627', '0002381', 'A04.4.01.002', '{}', 'UB_ANT', 0.68000, 0.30000, '2026-11-22'),
    ('pectoralis_minor', NULL, 'muscle', 'M. pectoralis minor', 'Pectoralis minor', 'chest', true, 'Medial pectoral n. C8-T1', 'Anterior shoulder, ulnar arm', '25G 38 mm', '{PTX,VASC,"NERVE(brachial plexus)"}', '13109', '0001100', 'A04.4.01.006', '{}', 'UB_ANT', 0.70000, 0.24000, '2026-11-22'),
    ('serratus_anterior', NULL, 'muscle', 'M. serratus anterior', 'Serratus anterior', 'chest', true, 'Long thoracic n. C5-C7', 'Lateral chest, inferior angle of scapula', '27G 25 mm onto rib', '{PTX}', '13397', NULL, 'A04.4.01.008', '{}', 'UB_ANT', 0.86000, 0.46000, '2026-11-22'),
    ('iliocostalis_thoracis', NULL, 'muscle', 'M. iliocostalis thoracis', 'Iliocostalis thoracis', 'upper_back', true, 'Dorsal rami', 'Scapula, chest wall, abdomen', '25G 25-38 mm, tangential', '{PTX}', '22703', '0001400', 'A04.3.02.005', '{ta98}', 'UB_POST', 0.41000, 0.60000, '2026-11-22'),
    ('longissimus_thoracis', NULL, 'muscle', 'M. longissimus thoracis', 'Longissimus thoracis', 'upper_back', true, 'Dorsal rami', 'Low back, buttock', '25G 38 mm', '{PTX}', '22709', '0001401', 'A04.3.02.010', '{ta98}', 'UB_POST', 0.45000, 0.70000, '2026-11-22'),
    ('serratus_posterior_inferior', NULL, 'muscle', 'M. serratus posterior inferior', 'Serratus post. inferior', 'low_back', true, 'Intercostal nn. T9-T12', 'Lower ribs, local ache', '25G 25-38 mm, tangential', '{PTX,RENAL}', '13402', '0001127', 'A04.3.01.010', '{}', 'LB_POST', 0.38000, 0.08000, '2026-11-22'),
    ('iliocostalis_lumborum', NULL, 'muscle', 'M. iliocostalis lumborum', 'Iliocostalis lumborum', 'low_back', true, 'Dorsal rami', 'Buttock, low back', '22G 38-50 mm', '{"RENAL(upper)"}', '22702', NULL, 'A04.3.02.005', '{ta98}', 'LB_POST', 0.40000, 0.25000, '2026-11-22'),
    ('multifidus_lumborum', 'multifidus', 'part', 'Mm. multifidi (lumborum)', 'Multifidus, lumbar', 'low_back', true, 'Dorsal rami (medial br.)', 'Adjacent spine, sacrum', '22G 50 mm', '{DURA,DEEP}', NULL, NULL, 'A04.3.02.202', '{}', 'LB_POST', 0.47000, 0.40000, '2026-11-22'),
    ('quadratus_lumborum', NULL, 'muscle', 'M. quadratus lumborum', 'Quadratus lumborum', 'low_back', true, 'T12-L4 ventral rami', 'Iliac crest, SI joint, buttock, greater trochanter', '21-22G 50-76 mm', '{RENAL,RETROPERITONEAL,"PTX(12th rib)"}', '15569', '0001220', 'A04.5.01.027', '{}', 'LB_POST', 0.36000, 0.30000, '2026-11-22'),
    ('psoas_major', NULL, 'muscle', 'M. psoas major', 'Psoas major', 'low_back', true, 'L1-L3 ventral rami', 'Vertical low-back band, anterior thigh', 'image guidance only', '{RETROPERITONEAL,NERVE,DEEP}', '18060', '0001298', NULL, '{}', 'LB_POST', 0.42000, 0.35000, '2026-11-22'),
    ('gluteus_maximus', NULL, 'muscle', 'M. gluteus maximus', 'Gluteus maximus', 'gluteal', true, 'Inferior gluteal n. L5-S2', 'Buttock, sacrum, coccyx', '21-22G 50 mm', '{SCIATIC}', '22314', '0001370', 'A04.7.02.006', '{}', 'LB_POST', 0.36000, 0.75000, '2026-11-22'),
    ('gluteus_medius', NULL, 'muscle', 'M. gluteus medius', 'Gluteus medius', 'gluteal', true, 'Superior gluteal n. L4-S1', 'Iliac crest, SI joint, sacrum, lateral hip', '21-22G 50 mm', '{"SCIATIC(low)"}', '22315', '0001371', 'A04.7.02.007', '{}', 'LB_POST', 0.28000, 0.58000, '2026-11-22'),
    ('gluteus_minimus', NULL, 'muscle', 'M. gluteus minimus', 'Gluteus minimus', 'gluteal', true, 'Superior gluteal n. L4-S1', 'Lateral/posterior leg (sciatica-like)', '21-22G 50-76 mm', '{SCIATIC}', '22317', '0008521', 'A04.7.02.008', '{}', 'LB_POST', 0.24000, 0.62000, '2026-11-22'),
    ('piriformis', NULL, 'muscle', 'M. piriformis', 'Piriformis', 'gluteal', true, 'S1-S2', 'SI joint, buttock, hip', '22G 76-90 mm, image guidance advised', '{SCIATIC,DEEP}', '19082', '0008529', 'A04.7.02.011', '{}', 'LB_POST', 0.34000, 0.68000, '2026-11-22'),
    ('rectus_abdominis', NULL, 'muscle', 'M. rectus abdominis', 'Rectus abdominis', 'abdomen', true, 'T7-T12', 'Across the back, abdomen', '25G 25-38 mm, pincer/US guidance', '{PERITONEUM}', '9628', '0002382', NULL, '{}', 'UB_ANT', 0.55000, 0.85000, '2026-11-22');
