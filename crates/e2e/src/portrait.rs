//! A fake camera that is nicer to look at than Chromium's own: somebody in front of a wall, breathing.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
const FRAMES: usize = 40;

/// Red, green and blue, from 0 to 1.
type Colour = [f32; 3];

/// The colours of a portrait.
#[derive(Debug, Clone, Copy)]
pub struct Portrait {
    /// The wall at the top left.
    pub wall: Colour,
    /// The wall at the bottom right.
    pub shade: Colour,
    /// What the person wears.
    pub clothes: Colour,
    /// The person's skin.
    pub skin: Colour,
    /// The person's hair.
    pub hair: Colour,
}

impl Portrait {
    /// Writes a short film as YUV4MPEG2, which Chromium takes instead of a camera and plays again and again.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn film(&self, file: &Path) -> Result<()> {
        let mut file = BufWriter::new(File::create(file)?);
        writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F20:1 Ip A1:1 C420jpeg")?;
        for frame in 0..FRAMES {
            let breath = (frame as f32 / FRAMES as f32 * std::f32::consts::TAU).sin() * 5.0;
            writeln!(file, "FRAME")?;
            self.frame(breath, &mut file)?;
        }
        file.flush()
    }

    fn frame(&self, breath: f32, file: &mut impl Write) -> Result<()> {
        let mut planes = [Vec::new(), Vec::new(), Vec::new()];
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let [r, g, b] = self.at(x as f32, y as f32, breath);
                let luma = 0.299 * r + 0.587 * g + 0.114 * b;
                planes[0].push(byte(luma));
                if x % 2 == 0 && y % 2 == 0 {
                    planes[1].push(byte((b - luma) * 0.564 + 0.5));
                    planes[2].push(byte((r - luma) * 0.713 + 0.5));
                }
            }
        }
        planes.iter().try_for_each(|plane| file.write_all(plane))
    }

    fn at(&self, x: f32, y: f32, breath: f32) -> Colour {
        let y = y - breath;
        let mut colour = mix(
            self.wall,
            self.shade,
            (x / WIDTH as f32 + y / HEIGHT as f32) / 2.0,
        );
        // Back to front: hair, shoulders, neck, face, fringe.
        for (paint, centre, radii) in [
            (self.hair, (640.0, 300.0), (168.0, 205.0)),
            (self.clothes, (640.0, 800.0), (380.0, 270.0)),
            (mix(self.skin, self.clothes, 0.25), (640.0, 500.0), (62.0, 105.0)),
            (self.skin, (640.0, 335.0), (128.0, 165.0)),
            (self.hair, (625.0, 205.0), (140.0, 72.0)),
        ] {
            colour = mix(colour, paint, inside(x, y, centre, radii));
        }
        colour
    }
}

/// 1 inside of an ellipse, 0 outside, and something between at its soft edge.
fn inside(x: f32, y: f32, centre: (f32, f32), radii: (f32, f32)) -> f32 {
    let distance = ((x - centre.0) / radii.0).hypot((y - centre.1) / radii.1);
    ((1.0 - distance) * radii.0 / 3.0 + 0.5).clamp(0.0, 1.0)
}

fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0) as u8
}
