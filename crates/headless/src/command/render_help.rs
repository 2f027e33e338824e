//! What `sam3roto render --help` tells beside its options.

/// Shots, values, files, objects, examples and the exit status.
pub(super) const RENDER_HELP: &str = "\
Shots:
  shot.%04d.exr or shot.####.png  numbered EXR, PNG, JPEG or TIFF files
  plate.png                       one picture, shown at every frame
  clip.mov                        a video, through ffmpeg; its first frame is frame 1

Values (see `sam3roto describe` for names, types and ranges):
  invert=true  invert=0           switches
  outputMode=2  'outputMode=matte as rgb'
                                  choices, by number or by label in any case
  point1Position=640,360          positions: pixels of the full-size picture, y counted UP
                                  from the bottom, as compositing programs do
  point1Position=tl:640,360       the same, y counted DOWN from the top left corner, as image
                                  viewers, OpenCV and Python do

Files (what does not go together is refused before anything is rendered):
  .exr   --depth half, float     --compression zip, none, rle, zips, piz     --object, --layers
  .tif   --depth 8, 16, float    --compression zip, none, lzw
  .png   --depth 8, 16           straight alpha, as the format has it
  .dpx   --depth 16, 10          10 bits hold rgb alone
  .jpg   --depth 8               no alpha
  .mov   ProRes 4444, 10 bits with a straight alpha of 16, through ffmpeg; one file
  Effect, model, source and settings stand in the files' metadata.

Objects: --object rabbit=1 --object tree=2 adds the mattes of Object 1 and 2 to EXR files, as the
channels rabbit.A and tree.A, or with --layers cryptomatte as Cryptomatte, or both.

Examples:
  sam3roto render --in 'shot.%04d.exr' --out 'matte.%04d.exr' \\
      --set point1Use=1 --key point1Position@12=tl:640,360 --key point1Position@80=tl:702,344
  sam3roto render --job roto.toml --frames 1-100x10 --overwrite

A job file holds the same fields, and paths in it start from its folder:
  in = \"shot.%04d.exr\"
  out = \"matte.%04d.exr\"
  frames = \"1-100\"
  [set]
  point1Use = true
  [key.point1Position]
  12 = [640, 360]
  80 = \"tl:702,344\"

Exit status: 0 done, 1 something failed, 2 wrong use, 130 interrupted by Ctrl-C (finished frames stay).";
