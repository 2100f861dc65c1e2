//! Low back and buttocks.
//!
//! No landmark is pinned here: L4 lies level with the iliac crests at y 410, the posterior superior
//! iliac spine at (438, 516), the gluteal fold near y 930, around the usual places of the catalogue.

use super::{Artwork, Layer, Shape, landmark, shape};

const HALVES: &[Shape] = &[
    shape(
        Layer::Skin,
        "M501 -5L186 -5C180 80 173 150 169 230C166 300 150 360 125 430C95 510 75 590 72 680\
         C70 790 84 900 92 1005L488 1005C490 970 494 940 501 912Z",
    ),
    shape(
        Layer::Ridge,
        "M474 62C420 84 366 112 318 156M474 0C400 20 320 60 262 104",
    ),
    shape(
        Layer::Ridge,
        "M440 518C416 468 350 420 272 410C204 404 146 430 116 484",
    ),
    shape(
        Layer::Bone,
        "M502 496L446 508C440 524 448 534 452 546C462 606 476 664 490 706L502 748",
    ),
    shape(
        Layer::Ridge,
        "M92 698C110 688 128 700 130 722C130 744 114 756 94 748",
    ),
    shape(
        Layer::DeepMuscle,
        "M352 112C346 200 330 310 306 412C340 416 370 426 396 446C414 350 430 250 442 152Z",
    ),
    shape(
        Layer::DeepMuscle,
        "M458 80C432 200 402 380 372 520L412 544C442 440 470 250 478 92Z",
    ),
    shape(
        Layer::DeepMuscle,
        "M340 500C262 488 204 520 172 580C150 622 128 664 116 704C180 692 252 652 306 604\
         C328 574 340 540 340 500Z",
    ),
    shape(
        Layer::DeepMuscle,
        "M466 590L478 664C400 694 300 722 134 738L130 708C280 690 400 640 466 590Z",
    ),
    shape(Layer::DeepMuscle, "M495 -5L495 152L292 92L282 -5Z"),
    shape(
        Layer::Muscle,
        "M274 -5L188 -5C182 80 175 160 172 240C170 300 158 352 138 404C176 392 220 392 250 398\
         C330 410 400 440 440 500C430 420 400 330 366 250C330 170 296 80 274 -5Z",
    ),
    shape(
        Layer::Muscle,
        "M378 -5C370 150 374 310 414 470L446 492C430 330 424 150 428 -5Z",
    ),
    shape(
        Layer::Muscle,
        "M468 60C456 220 448 380 452 504C460 560 476 620 490 668L495 60Z",
    ),
    shape(
        Layer::Muscle,
        "M440 512C402 464 342 424 270 414C202 410 150 440 122 500C104 560 98 640 108 702\
         C190 668 250 618 306 590C352 562 410 550 440 512Z",
    ),
    shape(
        Layer::Muscle,
        "M450 538C402 552 352 572 310 600C230 640 150 692 112 744C102 826 136 888 216 916\
         C318 948 440 938 493 896L493 724C478 664 462 600 450 538Z",
    ),
    shape(
        Layer::Fibre,
        "M210 0C204 100 200 200 196 300M240 0C250 110 270 220 300 330M206 340\
         C230 330 260 350 290 380M300 110C330 200 370 300 400 400",
    ),
    shape(
        Layer::Fibre,
        "M394 10C390 160 396 310 424 460M412 10C408 160 412 310 434 460",
    ),
    shape(
        Layer::Fibre,
        "M488 130C474 240 466 340 462 440M490 260C480 350 472 430 468 500M490 400\
         C484 470 480 530 480 580",
    ),
    shape(
        Layer::Fibre,
        "M200 438C160 500 132 580 122 670M262 430C220 500 170 590 132 680M330 450\
         C290 520 220 600 160 660M390 490C350 540 280 590 220 630",
    ),
    shape(
        Layer::Fibre,
        "M446 568C360 606 240 680 150 770M456 622C370 660 260 740 176 830M470 690\
         C400 730 300 800 224 870M484 770C430 810 360 860 300 910M488 840\
         C450 870 410 900 380 920",
    ),
    shape(Layer::Detail, "M428 514a9 9 0 1 0 18 0a9 9 0 1 0 -18 0"),
    shape(Layer::Detail, "M501 912C440 946 330 958 232 922"),
    shape(Layer::Detail, "M501 912C494 940 490 970 488 1005"),
    shape(
        Layer::Edge,
        "M186 -5C180 80 173 150 169 230C166 300 150 360 125 430C95 510 75 590 72 680\
         C70 790 84 900 92 1005",
    ),
];

const WHOLE: &[Shape] = &[
    shape(Layer::Detail, "M500 706C497 770 497 840 500 912"),
    shape(
        Layer::Bone,
        "M500 22l7 10l-7 10l-7 -10ZM500 104l7 10l-7 10l-7 -10ZM500 186l7 10l-7 10l-7 -10Z\
         M500 268l7 10l-7 10l-7 -10ZM500 344l7 10l-7 10l-7 -10ZM500 410l7 10l-7 10l-7 -10Z\
         M500 462l7 10l-7 10l-7 -10Z",
    ),
];

pub(super) const ARTWORK: Artwork = Artwork {
    halves: HALVES,
    whole: WHOLE,
    landmarks: &[landmark(518, 40, "T12"), landmark(518, 428, "L4")],
    is_turned: false,
};
